import { arrivalTrace } from './arrival-trace.ts';
import { constantArrivalRate } from './constant-arrival-rate.ts';
import { constantVus } from './constant-vus.ts';
import type { ErasedDefinition } from './executor-definition.ts';
import type { LoadModel } from './load-model.ts';
import { perVuIterations } from './per-vu-iterations.ts';
import { rampingArrivalRate } from './ramping-arrival-rate.ts';
import { rampingVus } from './ramping-vus.ts';
import { sharedIterations } from './shared-iterations.ts';

/** All executors; another one is a file and a line here. */
export const EXECUTORS = {
  'shared-iterations': sharedIterations,
  'per-vu-iterations': perVuIterations,
  'constant-vus': constantVus,
  'ramping-vus': rampingVus,
  'constant-arrival-rate': constantArrivalRate,
  'ramping-arrival-rate': rampingArrivalRate,
  'arrival-trace': arrivalTrace,
} as const;

export type ExecutorName = keyof typeof EXECUTORS;

/** The load of one phase, without what belongs to the run around it. */
export type PhaseLoad = ReturnType<(typeof EXECUTORS)[ExecutorName]['load']>;

/** The definition of an executor, its own types left open. */
export function definitionOf(executor: ExecutorName): ErasedDefinition<PhaseLoad> {
  return EXECUTORS[executor] as unknown as ErasedDefinition<PhaseLoad>;
}

/** The loop that a load comes down to; it ends with the rows of its data where these end. */
export function modelOf(load: PhaseLoad & { readonly rowLimit?: number }): LoadModel {
  const { rowLimit } = load;
  const model = definitionOf(load.executor).model(load);
  if (rowLimit === undefined) return model;
  return { ...model, iterations: Math.min(rowLimit, model.iterations ?? rowLimit) };
}
