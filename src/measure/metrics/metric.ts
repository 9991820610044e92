import { LAYOUTS, type HistogramLayout } from './histogram-layout.ts';

/** What a metric measures. Declarations are saved with the result, so that reports need no driver. */
export interface MetricDeclaration {
  /** snake_case, e.g. `response_time`. */
  readonly name: string;
  readonly kind: 'histogram' | 'counter' | 'gauge' | 'share';
  /** `ns` for all times inside; people and scenarios see ms, s, and so on. */
  readonly unit: 'ns' | 'count' | 'bytes' | 'ratio';
  readonly description: string;
  readonly better: 'lower' | 'higher' | 'neither';
  /** Tags of every value of it: several declarations of one name differ in these. */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * `fine`: 16 ns units up to about 100 s, for lags; `standard`: 1 µs up to an hour, the default of
   * times; `whole`: units of one, the default of counts and bytes; `ratio`: billionths.
   */
  readonly resolution?: 'fine' | 'standard' | 'whole' | 'ratio';
  /**
   * Whose failures rank as never answered in this latency: `operations` that failed or were
   * interrupted, or `iterations`; both with the iterations that were never sent. Without it the
   * recorded samples are the whole population, as for lags.
   */
  readonly ranks?: 'operations' | 'iterations';
  /**
   * For a counter that people ask for as a share: the counter that is its whole. Of one without it
   * (tokens, bytes) there are only count and rate.
   */
  readonly whole?: string;
  /**
   * For a gauge without series of its own: the counter whose rate per second it is, over all the
   * time that is looked at.
   */
  readonly rateOf?: string;
  /** The tool that defines it so, where it is not our own definition. */
  readonly dialect?: MetricDialect;
}

/** Another tool's own word for a metric, and what it computes. */
export interface MetricDialect {
  /** As scenarios name it. */
  readonly name: string;
  readonly title: string;
  readonly word: string;
  readonly formula: string;
}

const RESOLUTIONS = { ns: 'standard', count: 'whole', bytes: 'whole', ratio: 'ratio' } as const;

/** The cells of a histogram of this metric. */
export function histogramLayoutOf({
  resolution,
  unit,
}: Pick<MetricDeclaration, 'resolution' | 'unit'>): HistogramLayout {
  return LAYOUTS[resolution ?? RESOLUTIONS[unit]];
}
