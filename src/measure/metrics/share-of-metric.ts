import type { MetricDeclaration } from './metric.ts';
import type { Share, Tags } from './metric-source.ts';
import { matches, tagsWithout } from './series-key.ts';

/** What a share needs of a store. */
export interface ShareSource {
  readonly declarations: ReadonlyMap<string, MetricDeclaration>;
  seriesTags(metric: string): readonly Tags[];
  counter(metric: string, tags: Tags): number;
}

/**
 * What each counter of loadgen is a share of; others declare it. The whole of `unsent` and `goodput` is what was planned, so
 * that dropping never improves a figure; of the others it is what was sent.
 */
const WHOLES: Readonly<Record<string, ShareRule>> = {
  error_rate: errorRate,
  unsent: (source, tags) => ofWhole(source, 'unsent', 'due', tags, 'reason'),
  started: (source, tags) => ofWhole(source, 'started', 'due', tags),
  iterations: (source, tags) => ofWhole(source, 'iterations', 'started', tags, 'outcome'),
  operations: (source, tags) => ofWhole(source, 'operations', 'attempted', tags, 'outcome'),
  late: (source, tags) => ofWhole(source, 'late', 'attempted', tags),
  goodput,
};

type ShareRule = (source: ShareSource, tags: Tags) => Share;

/** Whether a share of this metric means anything: bytes and items are no part of a count. */
export function hasShare({ name, whole }: MetricDeclaration): boolean {
  return name in WHOLES || whole !== undefined;
}

export function shareOfMetric(source: ShareSource, metric: string, tags: Tags): Share {
  const rule = WHOLES[metric];
  if (rule !== undefined) return rule(source, tags);
  const whole = source.declarations.get(metric)?.whole;
  return whole === undefined ? { part: 0, whole: 0 } : ofWhole(source, metric, whole, tags);
}

function ofWhole(
  source: ShareSource,
  metric: string,
  whole: string,
  tags: Tags,
  partTag = '',
): Share {
  return {
    part: source.counter(metric, tags),
    whole: source.counter(whole, tagsWithout(tags, partTag)),
  };
}

function errorRate(source: ShareSource, tags: Tags): Share {
  const ended = (outcome: string): number => source.counter('operations', { ...tags, outcome });
  return {
    part: ended('failed') + ended('interrupted'),
    whole: source.counter('attempted', tagsWithout(tags, 'outcome')) - ended('cancelled'),
  };
}

/**
 * Each step was planned once for every iteration that was due. What a part of a step's series was
 * planned is not known, since unsent iterations have no own tags: there it is what was attempted
 * and all that was unsent, which is never too little.
 */
function goodput(source: ShareSource, tags: Tags): Share {
  const all = source.seriesTags('goodput');
  const asked = all.filter((series) => matches(series, tags));
  const steps = new Map(asked.map((series) => [stepKey(series), series]));
  let whole = 0;
  for (const [key, { flow = '', phase = '' }] of steps) {
    const ofStep = all.filter((series) => stepKey(series) === key);
    const ofAsked = asked.filter((series) => stepKey(series) === key);
    if (ofAsked.length === ofStep.length) {
      whole += source.counter('due', { flow, phase });
      continue;
    }
    for (const series of ofAsked) whole += source.counter('attempted', series);
    whole += source.counter('unsent', { flow, phase });
  }
  return { part: source.counter('goodput', tags), whole };
}

function stepKey({ phase, flow, step }: Tags): string {
  return `${phase} ${flow} ${step}`;
}
