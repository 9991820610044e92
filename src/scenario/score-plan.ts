import { laneTags } from '../iteration/data-tags.ts';
import type { StepPlan } from '../iteration/step-schema.ts';
import type { Series, SeriesLayout } from '../measure/metrics/series-layout.ts';
import { BELOW_TARGET, UNSCORED, UNSCORED_REASONS } from '../measure/quality/scorer.ts';
import type { ScorePlan } from '../measure/quality/score-tally.ts';
import { scorerOf } from '../measure/quality/scorers.ts';

/** What of a trial decides over its scorers. */
interface Scored<Step extends ScoredStep> {
  readonly flows: readonly { readonly steps: readonly Step[] }[];
}

type ScoredStep = Pick<StepPlan, 'tags' | 'dataTags' | 'score'>;

/** What the use of collections says of scores, where that is known. */
interface ScoreUses<Step> {
  readonly isExact?: (step: Step, scorer: string) => boolean;
  /** The collection that a step searches, among those whose rows are watched. */
  readonly subjectOf?: (step: Step) => number | undefined;
}

/**
 * A scorer for every scorer of every lane, in the order of the lanes: the numbers by which traffic
 * threads name them.
 */
export function scorePlansOf<Step extends ScoredStep>(
  { flows }: Scored<Step>,
  layout: SeriesLayout,
  { isExact, subjectOf }: ScoreUses<Step> = {},
): readonly ScorePlan[] {
  let lane = 0;
  return flows.flatMap(({ steps }) =>
    steps.flatMap((step) =>
      laneTags(step).flatMap(() => {
        const { tags } = layout.counters[layout.lanes[lane++]!.counterBase]!;
        return lanePlans(step.score ?? [], tags).map((plan) => ({
          ...plan,
          ...(isExact?.(step, plan.scorer) === true && { isExact: true }),
          ...subjectIn(subjectOf?.(step)),
        }));
      }),
    ),
  );
}

function subjectIn(subject: number | undefined): Pick<ScorePlan, 'subject'> {
  return subject === undefined ? {} : { subject };
}

function lanePlans(
  score: NonNullable<StepPlan['score']>,
  tags: ScorePlan['tags'],
): readonly ScorePlan[] {
  const seen = new Set<string>();
  return score.map(({ scorer, target }) => {
    const metrics = (scorerOf(scorer)?.metrics ?? []).map(({ name }) => name);
    const taken = metrics.filter((name) => seen.has(name));
    for (const name of metrics) seen.add(name);
    return { scorer, tags, taken, ...(target !== undefined && { target }) };
  });
}

/** The series that scoring gives. */
export function scoreSeries(plans: readonly ScorePlan[]): readonly Series[] {
  return plans.flatMap(({ scorer, tags, taken, target }) => [
    ...(scorerOf(scorer)?.metrics ?? [])
      .filter(({ name }) => !taken.includes(name))
      .map((declaration) => ({ declaration, tags })),
    ...(target === undefined ? [] : [{ declaration: BELOW_TARGET, tags: { ...tags, scorer } }]),
    ...UNSCORED_REASONS.map((reason) => ({
      declaration: UNSCORED,
      tags: { ...tags, scorer, reason },
    })),
  ]);
}
