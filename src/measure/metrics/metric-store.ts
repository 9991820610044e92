import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { GaugeHistory, addGauges, type GaugeRecord } from './gauge-history.ts';
import { Histogram, type HistogramRecord } from './histogram.ts';
import type { IntervalData } from './interval-data.ts';
import { histogramLayoutOf, type MetricDeclaration } from './metric.ts';
import type { GaugeView, MetricSource, RankedLatency, Share, Tags } from './metric-source.ts';
import { PHASES, type Phase } from './outcome.ts';
import { rankedLatency } from './ranked-latency.ts';
import { matches, seriesKey } from './series-key.ts';
import type { Series, SeriesLayout } from './series-layout.ts';
import { shareOfMetric } from './share-of-metric.ts';
import { ratePerSecond } from './throughput.ts';

/** A series as plain JSON: one of `value`, `gauge` and `histogram`, by its metric's kind. */
export interface SeriesRecord {
  readonly metric: string;
  readonly tags: Tags;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly unit: MetricDeclaration['unit'];
  readonly first?: true;
  readonly value?: number;
  readonly gauge?: GaugeRecord;
  readonly histogram?: HistogramRecord;
}

/** What was recorded in a stretch of time, by series. Times are ns. */
export class MetricStore implements MetricSource {
  durationSeconds: number;
  readonly #declarations: Map<string, MetricDeclaration>;
  readonly #series = new Map<string, StoredSeries>();
  readonly #byMetric = new Map<string, StoredSeries[]>();

  constructor(declarations: readonly MetricDeclaration[], durationSeconds = 0) {
    this.#declarations = new Map(declarations.map((declared) => [declared.name, declared]));
    this.durationSeconds = durationSeconds;
  }

  get declarations(): ReadonlyMap<string, MetricDeclaration> {
    return this.#declarations;
  }

  /** What somebody else than a worker saw in a phase: counters, and levels of gauges. */
  static ofValues(
    values: readonly {
      readonly declaration: MetricDeclaration;
      readonly tags: Tags;
      readonly value: number;
    }[],
    phase: Phase,
  ): MetricStore {
    const store = new MetricStore(values.map(({ declaration }) => declaration));
    for (const { declaration, tags, value } of values) {
      const head = headOf({ declaration, tags }, phase);
      const isGauge = head.kind === 'gauge';
      store.#addSeries({
        head,
        value: isGauge ? 0 : value,
        ...(isGauge && { gauge: GaugeHistory.of(value) }),
      });
    }
    return store;
  }

  /** All series of a trial, both phases, with nothing recorded. */
  static empty(layout: SeriesLayout): MetricStore {
    const store = new MetricStore(layout.declarations);
    for (const phase of PHASES) {
      for (const head of headsOf(layout, phase)) store.#addSeries({ head, value: 0 });
    }
    return store;
  }

  /** One interval of one phase. */
  static fromInterval(data: IntervalData, phase: Phase, durationSeconds: number): MetricStore {
    const { layout } = data;
    const store = new MetricStore(layout.declarations, durationSeconds);
    headsOf(layout, phase).forEach((head, index) => {
      const value = data.counters[index];
      const histogram = data.histograms[index - data.counters.length];
      store.#addSeries({
        head,
        value: head.kind === 'counter' ? value! : 0,
        ...(head.kind === 'gauge' && { gauge: GaugeHistory.of(value!) }),
        ...(histogram && { histogram }),
      });
    });
    return store;
  }

  /** What `toRecords` gave, with the declarations and the duration that were saved beside it. */
  static fromRecords(saved: {
    readonly declarations: readonly MetricDeclaration[];
    readonly durationSeconds: number;
    readonly records: readonly SeriesRecord[];
  }): MetricStore {
    const store = new MetricStore(saved.declarations, saved.durationSeconds);
    for (const record of saved.records) store.#addSeries(seriesFromRecord(record));
    return store;
  }

  /**
   * Adds what was recorded later, or elsewhere: counts add up, gauges follow one another. Series
   * and metrics that are new here are taken over; `durationSeconds` stays.
   */
  add(other: MetricStore): void {
    for (const [name, declared] of other.declarations) {
      if (!this.#declarations.has(name)) this.#declarations.set(name, declared);
    }
    for (const [key, theirs] of other.#series) {
      const ours = this.#series.get(key) ?? this.#addSeries({ head: theirs.head, value: 0 });
      ours.value += theirs.value;
      if (theirs.gauge !== undefined) (ours.gauge ??= new GaugeHistory()).append(theirs.gauge);
      if (theirs.histogram === undefined) continue;
      ours.histogram ??= new Histogram(theirs.histogram.layout);
      ours.histogram.add(theirs.histogram);
    }
  }

  /**
   * The same counts, with the histograms of these metrics only: what can be kept of many seconds.
   * It shares them with this store, and neither may be added to afterwards.
   */
  keeping(histograms: ReadonlySet<string>): MetricStore {
    const kept = new MetricStore([...this.declarations.values()], this.durationSeconds);
    for (const series of this.#series.values()) {
      const { histogram, ...rest } = series;
      const isKept = histogram !== undefined && histograms.has(series.head.metric);
      kept.#addSeries(isKept ? series : rest);
    }
    return kept;
  }

  /** The series that have these tags. It shares them with this store; neither may be added to. */
  where(tags: Tags): MetricStore {
    const kept = new MetricStore([...this.declarations.values()], this.durationSeconds);
    for (const series of this.#series.values()) {
      if (matches(series.head.tags, tags)) kept.#addSeries(series);
    }
    return kept;
  }

  /** What was measured, as that of another phase: what runs before or after the load has no other. */
  asPhase(phase: string): MetricStore {
    const store = new MetricStore([...this.declarations.values()], this.durationSeconds);
    for (const { head, ...recorded } of this.#series.values()) {
      if (head.tags['phase'] !== 'measure') continue;
      const tags = { ...head.tags, phase };
      store.#addSeries({ ...recorded, head: { ...head, tags, key: seriesKey(head.metric, tags) } });
    }
    return store;
  }

  /** One store of what several recorded, the earlier first; their times add up. */
  static sumOf(stores: readonly MetricStore[]): MetricStore {
    const sum = new MetricStore([]);
    for (const store of stores) {
      sum.add(store);
      sum.durationSeconds += store.durationSeconds;
    }
    return sum;
  }

  /** Every series as it stands. */
  series(): IterableIterator<StoredSeries> {
    return this.#series.values();
  }

  toRecords(): SeriesRecord[] {
    return [...this.#series.values()].map((series) =>
      recordOf(series, this.declarations.get(series.head.metric)),
    );
  }

  seriesTags(metric: string): readonly Tags[] {
    if (metric === 'error_rate') return this.seriesTags('attempted');
    const counter = this.declarations.get(metric)?.rateOf;
    if (counter !== undefined) return this.seriesTags(counter);
    return (this.#byMetric.get(metric) ?? []).map(({ head }) => head.tags);
  }

  tagValues(metric: string, tag: string): readonly string[] {
    const values = this.seriesTags(metric).map((tags) => tags[tag]);
    return [...new Set(values.filter((value) => value !== undefined))];
  }

  counter(metric: string, tags: Tags = {}): number {
    return this.#matching(metric, tags).reduce((sum, { value }) => sum + value, 0);
  }

  gauge(metric: string, tags: Tags = {}): GaugeView {
    const counter = this.declarations.get(metric)?.rateOf;
    if (counter !== undefined) return this.#rateOf(counter, tags);
    return addGauges(this.#matching(metric, tags).flatMap(({ gauge }) => gauge ?? []));
  }

  /** To be read and not added to: it may be the store's own. */
  histogram(metric: string, tags: Tags = {}): Histogram {
    const recorded = this.#matching(metric, tags).flatMap(({ histogram }) => histogram ?? []);
    if (recorded.length === 1) return recorded[0]!;
    const declared = this.declarations.get(metric);
    const sum = new Histogram(recorded[0]?.layout ?? (declared && histogramLayoutOf(declared)));
    for (const histogram of recorded) sum.add(histogram);
    return sum;
  }

  ranked(metric: string, tags: Tags = {}): RankedLatency {
    return rankedLatency(this, metric, tags);
  }

  share(metric: string, tags: Tags = {}): Share {
    return shareOfMetric(this, metric, tags);
  }

  /** Tags of the series of a flow's first step, where its unsent iterations rank. */
  firstSteps(): readonly Tags[] {
    const attempted = this.#byMetric.get('attempted') ?? [];
    return attempted.filter(({ head }) => head.first).map(({ head }) => head.tags);
  }

  /** One look, at the end of the time that is covered. */
  #rateOf(counter: string, tags: Tags): GaugeView {
    const rate = ratePerSecond(this, counter, tags);
    const count = this.durationSeconds > 0 ? 1 : 0;
    return { last: rate, min: rate, max: rate, average: rate, count };
  }

  #matching(metric: string, tags: Tags): StoredSeries[] {
    return (this.#byMetric.get(metric) ?? []).filter(({ head }) => matches(head.tags, tags));
  }

  #addSeries(series: StoredSeries): StoredSeries {
    const { key, metric } = series.head;
    this.#series.set(key, series);
    const siblings = this.#byMetric.get(metric);
    if (siblings === undefined) this.#byMetric.set(metric, [series]);
    else siblings.push(series);
    return series;
  }
}

/** A series and what was recorded in it. */
export interface StoredSeries {
  readonly head: SeriesHead;
  value: number;
  gauge?: GaugeHistory;
  histogram?: Histogram;
}

/** What does not change of a series. */
interface SeriesHead extends Pick<SeriesRecord, 'metric' | 'tags' | 'kind' | 'unit' | 'first'> {
  readonly key: string;
}

/** Counters and then histograms of a phase. Kept, since every interval has all of them. */
function headsOf(layout: SeriesLayout, phase: Phase): readonly SeriesHead[] {
  const known = HEADS.get(layout) ?? new Map<Phase, readonly SeriesHead[]>();
  HEADS.set(layout, known);
  const heads =
    known.get(phase) ??
    [...layout.counters, ...layout.histograms].map((series) => headOf(series, phase));
  known.set(phase, heads);
  return heads;
}

const HEADS = new WeakMap<SeriesLayout, Map<Phase, readonly SeriesHead[]>>();

function headOf({ declaration, tags: own, first }: Series, phase: Phase): SeriesHead {
  const { name, kind, unit } = declaration;
  if (kind === 'share') throw new LoadgenError('BUG', { reason: `the share ${name} has series` });
  const tags = { ...own, phase };
  return { key: seriesKey(name, tags), metric: name, tags, kind, unit, ...(first && { first }) };
}

function recordOf(series: StoredSeries, declared: MetricDeclaration | undefined): SeriesRecord {
  const { key: _, ...head } = series.head;
  if (head.kind === 'counter') return { ...head, value: series.value };
  if (head.kind === 'gauge') {
    return { ...head, gauge: (series.gauge ?? new GaugeHistory()).toRecord() };
  }
  const histogram = series.histogram ?? new Histogram(declared && histogramLayoutOf(declared));
  return { ...head, histogram: histogram.toRecord() };
}

function seriesFromRecord(record: SeriesRecord): StoredSeries {
  const { metric, tags, kind, unit, first, value = 0, gauge, histogram } = record;
  const head = { key: seriesKey(metric, tags), metric, tags, kind, unit, ...(first && { first }) };
  return {
    head,
    value,
    ...(gauge && { gauge: GaugeHistory.fromRecord(gauge) }),
    ...(histogram && histogram.count > 0 && { histogram: Histogram.fromRecord(histogram) }),
  };
}
