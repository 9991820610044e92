import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { compileValue } from '../base/expressions/compile-template.ts';
import { hasPlaceholder } from '../base/expressions/placeholders.ts';
import type { ExactTruthSpec } from '../data/truth/truth-schema.ts';
import type { CollectionUse, DriverDefinition } from '../drivers/driver.ts';
import type { StepPlan } from '../iteration/step-schema.ts';
import type { RowWatch } from '../iteration/watch-writes.ts';
import { UNKNOWN_SOURCE, WRITE_KINDS, type WriteKind } from '../measure/quality/row-ledger.ts';
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
 * made as an exact index, of rows that stay as they are or are watched, by a truth that loadgen found itself.
 */
export function exactScoresOf(
  trial: ResolvedTrial,
  definitions: Definitions,
): (step: StepPlan, scorer: string) => boolean {
  return (step, scorer) => {
    if (!scorer.startsWith('recall@')) return false;
    if (step.exact !== undefined) return step.exact;
    const { reference } = step.score!.find((one) => one.scorer === scorer)!;
    if (exactTruthOf(reference, trial) === undefined) return false;
    const made = usesOfSame(step, trial.prepare ?? [], definitions);
    const isExact = made.find(({ does }) => does === 'makes')?.isExact === true;
    const isWritten = usesOfSame(step, trial.flows, definitions).some(
      ({ does }) => does !== 'searches',
    );
    const isWatched = exactTruthOf(reference, trial)!.present !== undefined;
    return isExact && (isWatched || !isWritten);
  };
}

/** Which writes decide over what is right, and for which searches. */
export interface WatchedRows {
  /** By flow and step. */
  readonly watches: readonly (readonly (RowWatch | undefined)[])[];
  /** The collection that a step searches, among those that are watched. */
  subjectOf(step: StepPlan): number | undefined;
}

/** Watched are collections that are searched by a truth which says what is there at the start. */
export function watchedRows(trial: ResolvedTrial, definitions: Definitions): WatchedRows {
  const steps = trial.flows.flatMap((flow) => flow.steps);
  const nameOf = (step: StepPlan): string | undefined => {
    const use = collectionUseOf(step, definitions);
    return use && JSON.stringify([step.target, use.collection]);
  };
  const over = new Map<string, readonly string[]>();
  for (const step of steps) {
    const truths = (step.score ?? []).map(({ reference }) => exactTruthOf(reference, trial));
    for (const truth of truths) {
      const name = nameOf(step);
      if (truth?.present === undefined || name === undefined) continue;
      assertSameFeeders(step, over.get(name) ?? truth.over, truth.over);
      over.set(name, truth.over);
    }
  }
  const names = [...over.keys()];
  const subjectOf = (step: StepPlan): number | undefined => {
    const subject = names.indexOf(nameOf(step) ?? '');
    return subject === -1 ? undefined : subject;
  };
  const watchOf = (step: StepPlan): RowWatch | undefined => {
    const use = collectionUseOf(step, definitions);
    const subject = subjectOf(step);
    if (use === undefined || subject === undefined || !isWrite(use.does)) return undefined;
    const source = sourceOf(use.ids, over.get(names[subject]!)!);
    return { subject, kind: use.does, source, ids: use.ids };
  };
  return { watches: trial.flows.map((flow) => flow.steps.map(watchOf)), subjectOf };
}

function isWrite(does: CollectionUse['does']): does is WriteKind {
  return (WRITE_KINDS as readonly string[]).includes(does);
}

/** The feeder that ids are read from, by its place among those of the truth. */
function sourceOf(ids: unknown, over: readonly string[]): number {
  const feeder = feederOf(ids);
  return feeder === undefined ? UNKNOWN_SOURCE : over.indexOf(feeder);
}

/** The one feeder that ids are read from. */
export function feederOf(ids: unknown): string | undefined {
  const texts = (Array.isArray(ids) ? ids : [ids]).filter((text) => typeof text === 'string');
  const reads = texts
    .filter(hasPlaceholder)
    .flatMap((text) => [...compileValue(text, { roots: 'any' }).reads]);
  const [only, ...others] = new Set(reads.map((path) => path.split('.')[0]!));
  return others.length === 0 ? only : undefined;
}

function assertSameFeeders(
  { name }: StepPlan,
  known: readonly string[],
  over: readonly string[],
): void {
  if (known.join() === over.join()) return;
  const reason = `step ${name} searches a collection whose other truth is over ${known.join(', ')}; the rows that are written need one list of feeders`;
  throw new LoadgenError('DATA_NOT_USABLE', { feeder: over.join(', '), source: 'truth', reason });
}

/** The truth that a score reads as it is, where loadgen finds it itself. */
function exactTruthOf(reference: string, { data }: ResolvedTrial): ExactTruthSpec | undefined {
  const [, feeder = ''] = /^\s*(\w+)\.truth\s*$/.exec(reference) ?? [];
  const truth = data[feeder]?.truth;
  return truth?.kind === 'exact' ? truth : undefined;
}
