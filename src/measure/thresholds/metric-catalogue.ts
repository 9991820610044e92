import type { MetricDeclaration } from '../metrics/metric.ts';
import type { Tags } from '../metrics/metric-source.ts';
import { MetricStore } from '../metrics/metric-store.ts';
import { PHASES } from '../metrics/outcome.ts';
import type { Series, SeriesLayout } from '../metrics/series-layout.ts';

/** What a scenario is going to measure: what its thresholds may name. */
export interface MetricCatalogue {
  readonly declarations: ReadonlyMap<string, MetricDeclaration>;
  seriesTags(metric: string): readonly Tags[];
  /** Swept axes by their key as written → all the values that trials have, as text. */
  readonly axes: Readonly<Record<string, readonly string[]>>;
  /** Whether a metric may turn up that nobody declares before the start. */
  mayAppear(metric: string): boolean;
  /** How many samples a latency with these tags is going to have; undefined if nobody knows. */
  plannedSamples(metric: string, tags: Tags): number | undefined;
}

/** The catalogue of a trial whose series are laid out. */
export function catalogueOf(
  layout: SeriesLayout,
  known: Partial<Pick<MetricCatalogue, 'axes' | 'plannedSamples' | 'mayAppear'>> & {
    /** Series that others than the workers write. */
    readonly others?: readonly Series[];
  } = {},
): MetricCatalogue {
  const store = MetricStore.empty(layout);
  for (const phase of PHASES) {
    const values = (known.others ?? []).map((series) => ({ ...series, value: 0 }));
    store.add(MetricStore.ofValues(values, phase));
  }
  return {
    declarations: store.declarations,
    seriesTags: (metric) => store.seriesTags(metric),
    axes: known.axes ?? {},
    mayAppear: known.mayAppear ?? (() => false),
    plannedSamples: known.plannedSamples ?? (() => undefined),
  };
}
