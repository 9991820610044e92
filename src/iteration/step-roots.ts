import { membersOf, type Shape } from '../base/expressions/roots.ts';

/** What the expressions of one step may name. */
export interface StepKnowledge {
  readonly params: Iterable<string>;
  /** Fields by feeder; `any` where they are known only once it is open. */
  readonly feeders: Readonly<Record<string, readonly string[] | 'any'>>;
  /** Names of extracted values by step, of the steps before this one. */
  readonly extracts: Readonly<Record<string, readonly string[]>>;
  /** Fields of the answer to the step's verb. */
  readonly resultFields: readonly string[];
}

/** What a request may read: all there is before the answer. */
export function requestRoots({ params, feeders, extracts }: StepKnowledge): Record<string, Shape> {
  const fields = Object.entries(feeders).map(([name, members]): [string, Shape] => [
    name,
    members === 'any' ? 'any' : membersOf(members),
  ]);
  const steps = Object.entries(extracts).map(([name, members]) => [name, membersOf(members)]);
  return {
    ...Object.fromEntries(fields),
    params: membersOf(params),
    steps: Object.fromEntries(steps) as Shape,
    vu: membersOf(['id']),
    iteration: membersOf(['id', 'uuid']),
  };
}

/** What `expect`, `extract` and `items` may read: the same, and the answer. */
export function answerRoots(known: StepKnowledge): Record<string, Shape> {
  const fields = known.resultFields.map((name): [string, Shape] => [name, 'any']);
  return { ...requestRoots(known), ...Object.fromEntries(fields) };
}
