import { z } from 'zod';
import type { Pacing } from '../pacing/pacer.ts';
import { endWithKey, startAfterKey, type StartAfter } from './flow-keys.ts';
import { gracefulStopKey } from './load-keys.ts';
import { definitionOf, EXECUTORS, type ExecutorName, type PhaseLoad } from './registry.ts';
import { warmupOf, warmupSchema, type Warmup, type WarmupValues } from './warmup.ts';

export type { PhaseLoad } from './registry.ts';
export type { Warmup } from './warmup.ts';

/** The load of one flow: plain data, in plain units. */
export type Load = PhaseLoad & {
  readonly gracefulStopNs: number;
  readonly warmup?: Warmup;
  /** Iterations after which the rows of a feeder end that is read once: the load ends with them. */
  readonly rowLimit?: number;
  /** How long after T0, or after the end of which flow, it begins. */
  readonly startAfter?: StartAfter;
  /** The flow with which it ends. */
  readonly endWith?: string;
};

interface LoadValues {
  readonly executor?: ExecutorName | undefined;
  readonly gracefulStop: number;
  readonly warmup?: WarmupValues | undefined;
  readonly startAfter?: StartAfter | undefined;
  readonly endWith?: string | undefined;
}

/** What runs the load of a step that names no executor. */
const USUAL_EXECUTOR = 'shared-iterations';

/** `load` as scenarios write it; parses to a `Load`. */
export const loadSchema = loadSchemaOf((_name, literal) => literal, {
  startAfter: startAfterKey,
  endWith: endWithKey,
  warmup: warmupSchema.optional(),
}).meta({ description: 'How iterations start: how many VUs, or how many arrivals.' });

/**
 * `load` of one step of `prepare` or `cleanUp`: nothing runs beside it, and all of it counts. The
 * executor may be left out.
 */
export const stepLoadSchema = loadSchemaOf((name, literal) =>
  name === USUAL_EXECUTOR ? literal.optional() : literal,
).meta({
  description:
    'In `prepare` and `cleanUp`: the load that this step is on its own, with workers and VUs; without it the step is one operation. The executor is `shared-iterations` unless named.',
});

/** Of steps that are done once, one after the other. */
export const ONCE_LOAD: Load = stepLoadSchema.parse({});

function problemsOf(values: LoadValues): { path: string[]; reason: string }[] {
  const {
    executor = USUAL_EXECUTOR,
    gracefulStop: _,
    warmup,
    startAfter,
    endWith,
    ...keys
  } = values;
  const all = [...definitionOf(executor).problems(keys)];
  // The end of another flow is an end.
  const own = endWith === undefined ? all : all.filter(({ isMissingEnd }) => isMissingEnd !== true);
  if (startAfter !== undefined && warmup !== undefined) {
    own.push({
      key: 'startAfter',
      reason: 'a warm-up begins with the others, and so does its load',
    });
  }
  const warm = warmup === undefined ? [] : warmupOf({ executor, keys, warmup }).problems;
  return [
    ...own.map(({ key, reason }) => ({ path: [key], reason })),
    ...warm.map(({ key, reason }) => ({ path: ['warmup', key], reason })),
  ];
}

function loadOf(values: LoadValues): Load {
  const { executor = USUAL_EXECUTOR, gracefulStop, warmup, startAfter, endWith, ...keys } = values;
  const load = {
    ...definitionOf(executor).load(keys),
    gracefulStopNs: gracefulStop,
    ...(startAfter !== undefined && { startAfter }),
    ...(endWith !== undefined && { endWith }),
  };
  const warm = warmup && warmupOf({ executor, keys, warmup }).warmup;
  return warm === undefined ? load : { ...load, warmup: warm };
}

/** With the key `executor` as `named` makes it of its literal, and `others` beside those of all. */
function loadSchemaOf(
  named: (name: ExecutorName, literal: z.ZodLiteral<ExecutorName>) => z.ZodType,
  others: z.ZodRawShape = {},
) {
  const schemas = Object.values(EXECUTORS).map(({ name, summary, keys }) =>
    z.strictObject({
      executor: named(name, z.literal(name)).meta({ description: summary }),
      ...keys,
      gracefulStop: gracefulStopKey,
      ...others,
    }),
  ) as unknown as [z.ZodObject, ...z.ZodObject[]];
  return z
    .discriminatedUnion('executor', schemas)
    .superRefine((parsed, context) => {
      for (const { path, reason } of problemsOf(parsed as unknown as LoadValues)) {
        context.addIssue({ code: 'custom', path, message: reason, input: parsed });
      }
    })
    .transform((parsed): Load => loadOf(parsed as unknown as LoadValues));
}

/** How the arrivals of a load are waited for; VUs that sleep are woken precisely. */
export function pacingOf(load: Load): Pacing {
  return 'pacing' in load ? load.pacing : 'precise';
}
