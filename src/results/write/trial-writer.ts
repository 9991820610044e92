import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../base/time/clock.ts';
import type { Account } from '../../measure/metrics/interval.ts';
import type { RecordedInterval } from '../../measure/metrics/interval-collector.ts';
import type { MetricStore } from '../../measure/metrics/metric-store.ts';
import type { MonitorSample } from '../../measure/monitors/trial-monitor.ts';
import { buildResult } from '../build-result.ts';
import { writeComparison, type ComparisonInput } from '../interchange/comparison.ts';
import { metricsCsv } from '../interchange/metrics-csv.ts';
import { metricsJson } from '../interchange/metrics-json.ts';
import { sizingOf } from '../interchange/sizing.ts';
import { UNKNOWN_USE } from '../interchange/server-use.ts';
import { readIntervalRows } from '../read/interval-rows.ts';
import type { Meta } from '../schema/meta.ts';
import type { Result } from '../schema/result.ts';
import type { SeriesHead } from '../schema/series.ts';
import type { TrialFacts } from '../schema/trial-facts.ts';
import type { State } from '../schema/values.ts';
import { seriesName } from '../series-name.ts';
import { TRIAL_FILES } from '../trial-files.ts';
import type { TrialOutcome } from '../trial-outcome.ts';
import { AppendFile } from './append-file.ts';
import { HistogramLog } from './histogram-log.ts';
import { intervalRow } from './interval-row.ts';
import { writing } from './not-writable.ts';
import { resultText } from './result-text.ts';
import { trialFacts, type TrialOpening } from './trial-facts.ts';
import { openTrialLog, type TrialLog } from './trial-log.ts';
import { writeDocument, writeJson } from './write-document.ts';

/** What a trial shares with the run around it. */
export interface TrialPlace {
  readonly folder: string;
  readonly resultsFolder: string;
  readonly clock: Clock;
  readonly facts: TrialFacts;
  readonly about: MetaAbout;
  /** `effective_config.yaml`, redacted. */
  readonly effectiveConfig: string;
  readonly redactedPaths: readonly string[];
  /** Tells the run how the trial ended. */
  readonly ended: (state: Result['state'], exitCode: number) => void;
}

/** What `meta.json` has beside the facts of the trial, and beside what changes. */
export type MetaAbout = Omit<Meta, keyof TrialFacts | 'state' | 'startedAt' | 'endedAt' | 'series'>;

/**
 * Writes one trial's folder while it runs. Everything is in the kernel's hands when a call
 * returns, so that a kill at any moment loses no second that was handed in. What cannot be written
 * throws RESULTS_NOT_WRITABLE; the run then ends with it, and what was written before stays there.
 */
export class TrialWriter {
  readonly folder: string;
  readonly #place: TrialPlace;
  readonly #log: TrialLog;
  readonly #rows: AppendFile;
  readonly #histograms: HistogramLog;
  /** Wall clock and monotonic clock at one moment, so that stamps can be told as dates. */
  readonly #anchor: { readonly wallMs: number; readonly clockNs: number };
  readonly #accounts = new Map<string, Account>();
  #facts: TrialFacts;
  /** By name, without phases; and the keys of those that have been seen, with them. */
  readonly #series = new Map<string, SeriesHead>();
  readonly #declared = new Set<string>();

  constructor(place: TrialPlace) {
    const { folder, clock, facts } = place;
    this.folder = folder;
    this.#place = place;
    this.#facts = facts;
    this.#anchor = { wallMs: clock.wallMs(), clockNs: clock.nowNs() };
    writing(folder, () => mkdirSync(folder));
    this.#writeMeta('running');
    writeDocument(this.#path('effectiveConfig'), place.effectiveConfig);
    this.#log = openTrialLog(this.#path('log'), clock, facts);
    this.#rows = new AppendFile(this.#path('intervals'));
    this.#histograms = new HistogramLog(this.#path('histograms'), this.#anchor.wallMs);
  }

  /** `loadgen.log`. Logging never throws: a line of it is not worth a run. */
  get logger(): Logger {
    return this.#log.logger;
  }

  /** Tells what became known after the folder was opened: servers that started, the plan. */
  begin(opening: TrialOpening): void {
    this.#facts = trialFacts(opening, this.#facts, this.#place.redactedPaths);
    this.#writeMeta('running');
  }

  /** Tells what became known while it ran. */
  note(facts: Pick<TrialFacts, 'clock' | 'samples'>): void {
    this.#facts = { ...this.#facts, ...facts };
    this.#writeMeta('running');
  }

  /** Appends a second to `intervals.ndjson` and `histograms.hlog`. */
  interval(interval: RecordedInterval, monitors?: MonitorSample): void {
    const { phase, startedAtNs, durationNs, metrics, account } = interval;
    this.#declareSeries(metrics);
    const before = this.#accounts.get(phase);
    this.#accounts.set(phase, account);
    const row = intervalRow(interval, {
      before,
      startedAt: this.#timestamp(startedAtNs),
      monitors,
    });
    // In this order: a row that is there vouches for its histograms.
    this.#histograms.append({ metrics, wallMs: this.#wallMs(startedAtNs), durationNs });
    this.#rows.append(`${JSON.stringify(row)}\n`);
  }

  /** Writes the documents at the end, and returns what stands in `result.json`. */
  finish(outcome: TrialOutcome): Result {
    this.#closeRows();
    const facts = { ...this.#facts, metrics: [...outcome.metrics.declarations.values()] };
    const result = buildResult(facts, outcome, (clockNs) => this.#timestamp(clockNs));
    // First what cannot be had again; the other files follow from it and from the rows.
    writeDocument(this.#path('result'), resultText(result));
    this.#writeInterchange(result, outcome);
    this.#writeMeta(result.state);
    this.#place.ended(result.state, outcome.exitCode);
    this.#log.close();
    const { resultsFolder } = this.#place;
    writeComparison({ resultsFolder, ...this.#ofServers(result, outcome) });
    return result;
  }

  /**
   * For a trial that came to no outcome: closes its files and marks it as incomplete, as far as
   * that can be written. It never throws, since the caller has an error to report already.
   */
  abandon(exitCode: number): void {
    try {
      this.#closeRows();
    } catch {
      // The error that ended the trial is the one to report.
    }
    try {
      this.#writeMeta('incomplete');
      this.#place.ended('incomplete', exitCode);
    } catch {
      // `meta.json` still says running, which readers take for what it is: a run that was cut off.
    } finally {
      this.#log.close();
    }
  }

  #writeInterchange(result: Result, outcome: TrialOutcome): void {
    const uses = Object.values(outcome.serverUse ?? {});
    const use = uses.length === 1 ? uses[0]! : UNKNOWN_USE;
    const metrics = metricsJson(result, outcome.metrics, this.#startedAt, use);
    writeJson(this.#path('metricsJson'), metrics);
    const rows = readIntervalRows(this.#path('intervals'));
    writeDocument(this.#path('metricsCsv'), metricsCsv(result, rows));
    const sizing = sizingOf(this.#ofServers(result, outcome));
    if (sizing.length > 0) writeJson(this.#path('sizing'), sizing);
  }

  /** What files say that look at a trial server by server. */
  #ofServers(result: Result, outcome: TrialOutcome): Omit<ComparisonInput, 'resultsFolder'> {
    return {
      result,
      source: outcome.metrics,
      timestamp: this.#startedAt,
      machine: this.#place.about.machine,
      ...(outcome.serverUse !== undefined && { use: outcome.serverUse }),
    };
  }

  #closeRows(): void {
    try {
      this.#rows.close();
    } finally {
      this.#histograms.close();
    }
  }

  /**
   * With the series a killed run can be rebuilt. Those of workers are known from the first second
   * on; those of a server may show up later.
   */
  #declareSeries(metrics: MetricStore): void {
    const known = this.#series.size;
    for (const { head } of metrics.series()) {
      if (this.#declared.has(head.key)) continue;
      this.#declared.add(head.key);
      const { metric, kind, unit, first } = head;
      const { phase: _, ...tags } = head.tags;
      const name = seriesName(metric, tags);
      this.#series.set(name, { metric, tags, kind, unit, ...(first && { first }) });
    }
    if (this.#series.size === known) return;
    const declared = [...this.#facts.metrics, ...metrics.declarations.values()];
    const metricsByName = new Map(declared.map((metric) => [metric.name, metric]));
    this.#facts = { ...this.#facts, metrics: [...metricsByName.values()] };
    this.#writeMeta('running');
  }

  #writeMeta(state: State): void {
    const endedAt = state === 'running' ? null : isoOf(this.#place.clock.wallMs());
    const { schema, scenarioFile, ...machine } = this.#place.about;
    writeJson(this.#path('meta'), {
      schema,
      state,
      startedAt: this.#startedAt,
      endedAt,
      scenarioFile,
      ...this.#facts,
      ...machine,
      series: [...this.#series.values()],
    } satisfies Meta);
  }

  get #startedAt(): string {
    return isoOf(this.#anchor.wallMs);
  }

  #wallMs(clockNs: number): number {
    return this.#anchor.wallMs + (clockNs - this.#anchor.clockNs) / 1e6;
  }

  #timestamp(clockNs: number): string {
    return isoOf(this.#wallMs(clockNs));
  }

  #path(file: keyof typeof TRIAL_FILES): string {
    return join(this.folder, TRIAL_FILES[file]);
  }
}

function isoOf(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
