import { GaugeHistory } from '../../measure/metrics/gauge-history.ts';
import type { Histogram } from '../../measure/metrics/histogram.ts';
import type { Account } from '../../measure/metrics/interval.ts';
import type { RecordedInterval } from '../../measure/metrics/interval-collector.ts';
import { MetricStore, type SeriesRecord } from '../../measure/metrics/metric-store.ts';
import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import { PHASES, type Phase } from '../../measure/metrics/outcome.ts';
import type { IntervalRow } from '../schema/interval-row.ts';
import { seriesName } from '../series-name.ts';
import type { ReadShard } from './read-shards.ts';
import { RowHistograms } from './row-histograms.ts';
import { addAccounts, closedAccount } from './settle-shard.ts';

/** Rows of two shards that overlap by less are neighbours: their boundaries are whole seconds. */
const TOUCHING_NS = 1_000_000;

interface PlacedRow {
  readonly shard: ReadShard;
  readonly row: IntervalRow;
  /** Since the beginning of its phase, on the shard's own clock. */
  readonly fromNs: number;
  readonly toNs: number;
}

interface MergedRowsParts {
  readonly shards: readonly ReadShard[];
  /** What is measured; the series of one phase after the other. */
  readonly heads: readonly SeriesRecord[];
  readonly declarations: readonly MetricDeclaration[];
  /** When a phase begins on the clock of the merged result. */
  phaseStartNs(phase: Phase): number;
}

/**
 * The seconds of all shards, added up by the time since T0 (or since S, in the warm-up), each on
 * its own clock. Where the rows of one shard cover several seconds, so does the merged row.
 */
export async function* mergeRows(parts: MergedRowsParts): AsyncGenerator<RecordedInterval> {
  const histograms = new Map(parts.shards.map((shard) => [shard, new RowHistograms(shard)]));
  for (const phase of PHASES) {
    const placed = parts.shards.flatMap((shard) => placedRows(shard, phase));
    const left = new Map(parts.shards.map((shard) => [shard, rowsOf(placed, shard).length]));
    const accounts = new Map<ReadShard, Account>();
    for (const group of overlapping(placed)) {
      for (const { shard, row } of group) {
        accounts.set(shard, row.account);
        left.set(shard, left.get(shard)! - 1);
      }
      const present = new Set(group.map(({ shard }) => shard));
      for (const [shard, account] of accounts) {
        if (left.get(shard) === 0 && !present.has(shard)) accounts.set(shard, closedAccount(account));
      }
      const account = addAccounts([...accounts.values()]);
      yield await mergedRow(parts, { phase, group, account, histograms });
    }
  }
}

function placedRows(shard: ReadShard, phase: Phase): PlacedRow[] {
  const startNs = shard.result.phases.find((one) => one.phase === phase)?.startNs;
  const rows = shard.rows.filter((row) => row.phase === phase);
  const originNs = startNs ?? rows[0]?.startedAtNs ?? 0;
  return rows.map((row) => {
    const fromNs = row.startedAtNs - originNs;
    return { shard, row, fromNs, toNs: fromNs + row.durationNs };
  });
}

function rowsOf(placed: readonly PlacedRow[], shard: ReadShard): readonly PlacedRow[] {
  return placed.filter((one) => one.shard === shard);
}

/** Rows that share a stretch of time, in groups that share none. */
function* overlapping(placed: readonly PlacedRow[]): Generator<readonly PlacedRow[]> {
  const sorted = placed.toSorted(
    (one, other) => one.fromNs - other.fromNs || one.shard.index - other.shard.index,
  );
  let group: PlacedRow[] = [];
  let endNs = -Infinity;
  for (const one of sorted) {
    if (group.length > 0 && one.fromNs > endNs - TOUCHING_NS) {
      yield group;
      group = [];
      endNs = -Infinity;
    }
    group.push(one);
    endNs = Math.max(endNs, one.toNs);
  }
  if (group.length > 0) yield group;
}

async function mergedRow(
  { heads, declarations, phaseStartNs }: MergedRowsParts,
  parts: {
    readonly phase: Phase;
    readonly group: readonly PlacedRow[];
    readonly account: Account;
    readonly histograms: ReadonlyMap<ReadShard, RowHistograms>;
  },
): Promise<RecordedInterval> {
  const { phase, group, account } = parts;
  const sums = new Map<string, Histogram>();
  for (const { shard, row } of inShardOrder(group)) {
    for (const { series, histogram } of await parts.histograms.get(shard)!.of(row)) {
      const sum = sums.get(series);
      if (sum === undefined) sums.set(series, histogram);
      else sum.add(histogram);
    }
  }
  const rows = inShardOrder(group).map(({ row }) => row);
  const records = heads
    .filter(({ tags }) => tags['phase'] === phase)
    .map((head) => recordOf(head, group, rows, sums));
  const fromNs = Math.min(...group.map((one) => one.fromNs));
  const durationNs = Math.max(...group.map((one) => one.toNs)) - fromNs;
  const second = Math.min(...rows.map((row) => row.second));
  return {
    phase,
    second,
    seconds: Math.max(...rows.map((row) => row.second + row.seconds)) - second,
    startedAtNs: phaseStartNs(phase) + fromNs,
    durationNs,
    metrics: MetricStore.fromRecords({ declarations, durationSeconds: durationNs / 1e9, records }),
    account,
  };
}

function inShardOrder(group: readonly PlacedRow[]): readonly PlacedRow[] {
  return group.toSorted((one, other) => one.shard.index - other.shard.index);
}

function recordOf(
  head: SeriesRecord,
  group: readonly PlacedRow[],
  rows: readonly IntervalRow[],
  sums: ReadonlyMap<string, Histogram>,
): SeriesRecord {
  const { metric, tags, kind, unit, first } = head;
  const bare = { metric, tags, kind, unit, ...(first && { first }) };
  const name = seriesName(metric, tags);
  switch (kind) {
    case 'counter':
      return { ...bare, value: rows.reduce((sum, row) => sum + (row.counters[name] ?? 0), 0) };
    case 'gauge':
      return { ...bare, gauge: GaugeHistory.of(levelOf(name, group)).toRecord() };
    case 'histogram': {
      const histogram = sums.get(name);
      return histogram === undefined ? bare : { ...bare, histogram: histogram.toRecord() };
    }
  }
}

/** Levels of all shards at the end, added up. */
function levelOf(name: string, group: readonly PlacedRow[]): number {
  const last = new Map<ReadShard, PlacedRow>();
  for (const one of group) {
    if (one.toNs >= (last.get(one.shard)?.toNs ?? -Infinity)) last.set(one.shard, one);
  }
  return [...last.values()].reduce((sum, { row }) => sum + (row.gauges[name] ?? 0), 0);
}
