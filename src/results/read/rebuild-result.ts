import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GaugeHistory } from '../../measure/metrics/gauge-history.ts';
import { Histogram } from '../../measure/metrics/histogram.ts';
import type { Account } from '../../measure/metrics/interval.ts';
import { MetricStore, type SeriesRecord } from '../../measure/metrics/metric-store.ts';
import { histogramLayoutOf, type MetricDeclaration } from '../../measure/metrics/metric.ts';
import { PHASES, type Phase } from '../../measure/metrics/outcome.ts';
import { throughput } from '../build-result.ts';
import type { IntervalRow } from '../schema/interval-row.ts';
import type { Meta } from '../schema/meta.ts';
import { RESULT_SCHEMA, resultSchema, type Result } from '../schema/result.ts';
import { parseSeriesName, seriesName } from '../series-name.ts';
import { TRIAL_FILES } from '../trial-files.ts';
import { readIntervalRows } from './interval-rows.ts';
import { readLines } from './read-lines.ts';

const NOTHING_DUE: Account = {
  ...{ due: 0, started: 0, unsent: {}, waiting: 0, completed: 0, aborted: 0 },
  ...{ interruptedIterations: 0, running: 0, attempted: 0, operations: {}, inFlight: 0 },
};

/**
 * The result of a trial that never came to write one: from its seconds, as far as they go. What
 * was open in the last of them still is, thresholds are not judged, and it is marked incomplete.
 */
export async function rebuildResult(folder: string, meta: Meta): Promise<Result> {
  const rows = new RowTotals();
  const rowsPath = join(folder, TRIAL_FILES.intervals);
  if (existsSync(rowsPath)) for (const row of readIntervalRows(rowsPath)) rows.add(row);
  const histograms = await readHistograms(join(folder, TRIAL_FILES.histograms), rows, meta);
  const measured = rows.phases.get('measure');
  const metrics = rebuiltStore(meta, rows, histograms);
  // Parsing leaves out what `meta.json` has beside the facts of the trial.
  return resultSchema.parse({
    ...meta,
    schema: RESULT_SCHEMA,
    state: 'incomplete',
    exitCode: null,
    phases: [...rows.phases.values()].map(({ phase, startedAt, startNs, endNs }) => {
      return { phase, startedAt, startNs, endNs };
    }),
    durationSeconds: metrics.durationSeconds,
    throughput: { operationsPerSecond: throughput(meta, metrics), tailShare: null },
    accounts: {
      warmup: rows.phases.get('warmup')?.account ?? null,
      measure: measured?.account ?? NOTHING_DUE,
    },
    thresholds: [],
    failureReasons: [],
    verdict: { state: 'NOT_JUDGED', reasons: ['the run was killed'] },
    notes: [`put together from the ${rows.count} seconds that were written before it was killed`],
    series: metrics.toRecords(),
  });
}

interface PhaseTotals {
  readonly phase: Phase;
  readonly startedAt: string;
  readonly startNs: number;
  endNs: number;
  lastStartedAtMs: number;
  account: Account;
}

/** Rows added up: counters by series, gauges by their levels, and where each phase ended. */
class RowTotals {
  readonly phases = new Map<Phase, PhaseTotals>();
  readonly counters = new Map<string, number>();
  readonly gauges = new Map<string, GaugeHistory>();
  count = 0;

  add(row: IntervalRow): void {
    this.count++;
    for (const [name, value] of Object.entries(row.counters)) {
      this.counters.set(name, (this.counters.get(name) ?? 0) + value);
    }
    for (const [name, level] of Object.entries(row.gauges)) {
      const history = this.gauges.get(name) ?? new GaugeHistory();
      history.append(GaugeHistory.of(level));
      this.gauges.set(name, history);
    }
    const { phase, startedAt, startedAtNs: startNs } = row;
    const totals = this.phases.get(phase) ?? { phase, startedAt, startNs, ...LATER };
    totals.endNs = startNs + row.durationNs;
    totals.lastStartedAtMs = Date.parse(startedAt);
    totals.account = row.account;
    this.phases.set(phase, totals);
  }
}

const LATER = { endNs: 0, lastStartedAtMs: 0, account: NOTHING_DUE };

/** Both times are rounded to milliseconds, the start of the log too. */
const ROUNDING_MS = 2;

/** The histograms of all seconds whose row was written too, by the name of their series. */
async function readHistograms(
  path: string,
  rows: RowTotals,
  meta: Meta,
): Promise<Map<string, Histogram>> {
  const sums = new Map<string, Histogram>();
  if (!existsSync(path)) return sums;
  const { readIntervalLog } = await import('../../measure/metrics/read-interval-log.ts');
  const startMs = Date.parse(meta.startedAt);
  for (const line of readLines(path)) {
    for (const { tag, startSeconds, histogram } of readIntervalLog(`${line}\n`, path)) {
      const phase = parseSeriesName(tag)?.tags['phase'] as Phase | undefined;
      const lastMs = rows.phases.get(phase ?? 'measure')?.lastStartedAtMs ?? -Infinity;
      // A kill between the two files leaves histograms of a second that no row counts.
      if (startMs + startSeconds * 1_000 > lastMs + ROUNDING_MS) continue;
      const sum = sums.get(tag) ?? new Histogram(histogram.layout);
      sum.add(histogram);
      sums.set(tag, sum);
    }
  }
  return sums;
}

function rebuiltStore(
  meta: Meta,
  rows: RowTotals,
  histograms: ReadonlyMap<string, Histogram>,
): MetricStore {
  const measured = rows.phases.get('measure');
  const declarations = meta.metrics as readonly MetricDeclaration[];
  const recordOf = (head: SeriesRecord): SeriesRecord => {
    const name = seriesName(head.metric, head.tags);
    switch (head.kind) {
      case 'counter':
        return { ...head, value: rows.counters.get(name) ?? 0 };
      case 'gauge':
        return { ...head, gauge: (rows.gauges.get(name) ?? new GaugeHistory()).toRecord() };
      case 'histogram': {
        const declared = declarations.find((metric) => metric.name === head.metric);
        const empty = new Histogram(declared && histogramLayoutOf(declared));
        return { ...head, histogram: (histograms.get(name) ?? empty).toRecord() };
      }
    }
  };
  return MetricStore.fromRecords({
    declarations,
    durationSeconds: measured === undefined ? 0 : (measured.endNs - measured.startNs) / 1e9,
    records: PHASES.flatMap((phase) =>
      (meta.series as readonly SeriesRecord[]).map((head) =>
        recordOf({ ...head, tags: { ...head.tags, phase } }),
      ),
    ),
  });
}
