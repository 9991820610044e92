import { z } from 'zod';
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
};

interface LoadValues {
  readonly executor: ExecutorName;
  readonly gracefulStop: number;
  readonly warmup?: WarmupValues | undefined;
}

/** `load` as scenarios write it; parses to a `Load`. */
export const loadSchema = z
  .discriminatedUnion('executor', executorSchemas())
  .superRefine((parsed, context) => {
    for (const { path, reason } of problemsOf(parsed as unknown as LoadValues)) {
      context.addIssue({ code: 'custom', path, message: reason, input: parsed });
    }
  })
  .transform((parsed): Load => loadOf(parsed as unknown as LoadValues))
  .meta({ description: 'How iterations start: how many VUs, or how many arrivals.' });

function problemsOf(values: LoadValues): { path: string[]; reason: string }[] {
  const { executor, gracefulStop: _, warmup, ...keys } = values;
  const own = definitionOf(executor).problems(keys);
  const warm = warmup === undefined ? [] : warmupOf({ executor, keys, warmup }).problems;
  return [
    ...own.map(({ key, reason }) => ({ path: [key], reason })),
    ...warm.map(({ key, reason }) => ({ path: ['warmup', key], reason })),
  ];
}

function loadOf(values: LoadValues): Load {
  const { executor, gracefulStop, warmup, ...keys } = values;
  const load = { ...definitionOf(executor).load(keys), gracefulStopNs: gracefulStop };
  const warm = warmup && warmupOf({ executor, keys, warmup }).warmup;
  return warm === undefined ? load : { ...load, warmup: warm };
}

function executorSchemas(): [z.ZodObject, ...z.ZodObject[]] {
  const schemas = Object.values(EXECUTORS).map(({ name, summary, keys }) =>
    z.strictObject({
      executor: z.literal(name).meta({ description: summary }),
      ...keys,
      gracefulStop: gracefulStopKey,
      warmup: warmupSchema.optional(),
    }),
  );
  return schemas as unknown as [z.ZodObject, ...z.ZodObject[]];
}
