import { z } from 'zod';
import type { LoadProblem } from './executor-definition.ts';
import { ALL_ITERATIONS, anyStagesKey } from './load-keys.ts';
import { definitionOf, EXECUTORS, modelOf, type ExecutorName, type PhaseLoad } from './registry.ts';

/** Load before the measured phase. It goes on until T0, which its end decides. */
export interface Warmup {
  readonly load: PhaseLoad;
  /** T0 comes this long after the start. */
  readonly durationNs?: number;
  /** T0 comes when so many warm-up iterations have ended. */
  readonly iterations?: number;
}

export type WarmupValues = Readonly<Record<string, unknown>> & { readonly executor?: ExecutorName };

/** Nothing cuts a warm-up short, it lasts until T0; and a flow waits in one way all the time. */
const NOT_IN_WARMUP = ['maxDuration', 'minDuration', 'minSamples', 'pacing'];
/** Keys that only make sense together: a warm-up that gives one inherits none of them. */
const LATE_POLICY = ['whenLate', 'maxLateness'];

const WARMING = (Object.keys(EXECUTORS) as ExecutorName[]).filter(
  (name) => definitionOf(name).warmsUp !== false,
);

export const warmupSchema = z
  .strictObject({
    executor: z
      .enum(WARMING as [ExecutorName, ...ExecutorName[]])
      .optional()
      .meta({ description: 'Another executor than that of the load.' }),
    ...optionalKeys(),
  })
  .meta({
    description:
      'Load before the measured phase, recorded apart. It has an end of its own; other keys are ' +
      'those of the load unless given here.',
  });

/** The warm-up of a load whose own parsed keys are `keys`, and what is wrong with it. */
export function warmupOf(parts: {
  readonly executor: ExecutorName;
  readonly keys: Readonly<Record<string, unknown>>;
  readonly warmup: WarmupValues;
}): { readonly warmup?: Warmup; readonly problems: readonly LoadProblem[] } {
  const { executor: own, ...given } = parts.warmup;
  const executor = own ?? inherited(parts.executor, given);
  if (definitionOf(executor).warmsUp === false) {
    const reason = `${executor} cannot warm up: name another one, such as constant-arrival-rate`;
    return { problems: [{ key: 'executor', reason }] };
  }
  const { values, problems } = mergedKeys(executor, parts.keys, given);
  if (problems.length > 0) return { problems };
  const definition = definitionOf(executor);
  const together = definition.problems(values);
  if (together.length > 0) return { problems: together };
  const load = definition.load(values);
  return { warmup: { load, ...endOf(load) }, problems: [] };
}

function inherited(executor: ExecutorName, given: Readonly<Record<string, unknown>>): ExecutorName {
  const { keys, timed } = definitionOf(executor);
  const lacksDuration = given['duration'] !== undefined && !('duration' in keys);
  return lacksDuration && timed !== undefined ? (timed as ExecutorName) : executor;
}

/** Own keys before those of the load before defaults; ends are never taken from the load. */
function mergedKeys(
  executor: ExecutorName,
  base: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): { values: Record<string, unknown>; problems: LoadProblem[] } {
  const { keys, ends } = definitionOf(executor);
  const ownLatePolicy = LATE_POLICY.some((key) => given[key] !== undefined);
  const own = [...ends, ...(ownLatePolicy ? LATE_POLICY : [])];
  const values: Record<string, unknown> = {};
  const problems: LoadProblem[] = [];
  for (const key of Object.keys(given)) {
    if (!(key in keys)) problems.push({ key, reason: `${executor} has no such key` });
  }
  if (given['iterations'] === ALL_ITERATIONS) {
    problems.push({ key: 'iterations', reason: 'a warm-up may not use up rows: give a number' });
  }
  if (!ends.some((key) => given[key] !== undefined)) {
    const either = ends.filter((key) => !NOT_IN_WARMUP.includes(key)).join(' or ');
    problems.push({ key: ends[0]!, reason: `a warm-up needs an end of its own: ${either}` });
  }
  for (const [key, schema] of Object.entries(keys)) {
    const value = given[key] ?? (own.includes(key) ? undefined : base[key]);
    const fallback = value === undefined && !ends.includes(key) && z.safeParse(schema, undefined);
    if (fallback && !fallback.success) problems.push({ key, reason: `${executor} needs it` });
    values[key] = fallback ? fallback.data : value;
  }
  return { values, problems };
}

function endOf(load: PhaseLoad): { durationNs: number } | { iterations: number } {
  const model = modelOf(load);
  const durationNs = model.kind === 'open' ? model.curve.durationNs : model.durationNs;
  return Number.isFinite(durationNs) ? { durationNs } : { iterations: model.iterations! };
}

/** Every key of every executor, without the need to give it. */
function optionalKeys(): Record<string, z.ZodType> {
  const all: Record<string, z.ZodType> = { stages: anyStagesKey.optional() };
  for (const name of WARMING) {
    for (const [key, schema] of Object.entries(
      definitionOf(name).keys as Record<string, z.ZodType>,
    )) {
      if (!NOT_IN_WARMUP.includes(key)) all[key] ??= withoutDefault(schema);
    }
  }
  return all;
}

function withoutDefault(schema: z.ZodType): z.ZodType {
  const description = schema.description;
  let inner: z.ZodType = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional
  ) {
    inner = inner.unwrap() as z.ZodType;
  }
  const optional = inner.optional();
  return description === undefined ? optional : optional.meta({ description });
}
