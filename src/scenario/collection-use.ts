import type { CollectionUse, DriverDefinition } from '../drivers/driver.ts';
import type { StepPlan } from '../iteration/step-schema.ts';
import type { ResolvedFlow, ResolvedTrial } from './resolved.ts';

type Definitions = ReadonlyMap<string, DriverDefinition>;
type UsingStep = Pick<StepPlan, 'target' | 'driver' | 'verb' | 'spec'>;

/** What a step does with a collection; undefined where it uses none. */
export function collectionUseOf(
  { driver, verb, spec }: UsingStep,
  definitions: Definitions,
): CollectionUse | undefined {
  return definitions.get(driver)?.verbs[verb]?.collectionUse?.(spec);
}

/** What the steps of flows do with the collection that a step searches. */
export function usesOfSame(
  step: UsingStep,
  flows: readonly ResolvedFlow[],
  definitions: Definitions,
): readonly CollectionUse[] {
  const own = collectionUseOf(step, definitions);
  if (own === undefined) return [];
  return flows
    .flatMap(({ steps }) => steps)
    .filter(({ target }) => target === step.target)
    .map((other) => collectionUseOf(other, definitions))
    .filter((use) => use?.collection === own.collection)
    .filter((use) => use !== undefined);
}

/**
 * Which scores must be 1: those of steps that say so, and those of steps that search what `prepare`
 * made as an exact index, of rows that stay as they are, by a truth that loadgen found itself.
 */
export function exactScoresOf(
  trial: ResolvedTrial,
  definitions: Definitions,
): (step: StepPlan, scorer: string) => boolean {
  return (step, scorer) => {
    if (!scorer.startsWith('recall@')) return false;
    if (step.exact !== undefined) return step.exact;
    const { reference } = step.score!.find((one) => one.scorer === scorer)!;
    const [, feeder] = /^\s*(\w+)\.truth\s*$/.exec(reference) ?? [];
    if (trial.data[feeder ?? '']?.truth?.kind !== 'exact') return false;
    const made = usesOfSame(step, trial.prepare ?? [], definitions);
    const isExact = made.find(({ does }) => does === 'makes')?.isExact === true;
    const isWritten = usesOfSame(step, trial.flows, definitions).some(
      ({ does }) => does !== 'searches',
    );
    return isExact && !isWritten;
  };
}
