import { z } from 'zod';
import { durationSchema, rateSchema } from '../../base/time/duration.ts';
import { ARRIVALS, GAMMA_SUMMARY, type Arrival, type ArrivalName } from '../pacing/arrival.ts';
import type { LoadProblem } from './executor-definition.ts';
import { PACINGS, type Pacing } from '../pacing/pacer.ts';
import { WHEN_LATE, type Minima, type OpenModel } from './load-model.ts';

/** Far above what a machine can send; it keeps neighbouring arrivals at different nanoseconds. */
const RATE_LIMIT_PER_SECOND = 10_000_000;
const VU_LIMIT = 1_000_000;

export const vusKey = z
  .int()
  .min(1, 'at least one virtual user')
  .max(VU_LIMIT, `at most ${VU_LIMIT} virtual users`)
  .default(1)
  .meta({ description: 'Virtual users: each runs its next iteration after its last one ended.' });

/** `iterations: all`, until the rows are known that it stands for. */
export const ALL_ITERATIONS: number = Number.MAX_SAFE_INTEGER;

export const iterationsKey = z
  .union([
    z.int().min(1, 'at least one iteration'),
    z.literal('all').transform(() => ALL_ITERATIONS),
  ])
  .meta({
    description:
      'Ends the load after so many iterations, over all VUs and workers; `all`: when the rows end of a feeder that is read once.',
  });

export const durationKey = durationSchema
  .refine((ns) => ns > 0, 'longer than 0')
  .meta({ description: 'For how long iterations start; those that run then are drained.' });

export const minDurationKey = durationSchema
  .refine((ns) => ns > 0, 'longer than 0')
  .optional()
  .meta({ description: 'With minSamples: the load ends when both have been reached.' });

export const minSamplesKey = z.int().min(1).optional().meta({
  description:
    'With minDuration: how many measured iterations must have ended, over all VUs and workers.',
});

export const maxDurationKey = durationSchema
  .refine((ns) => ns > 0, 'longer than 0')
  .optional()
  .meta({ description: 'No iteration starts after this, even when some are left.' });

export const startVusKey = z
  .int()
  .min(0)
  .max(VU_LIMIT, `at most ${VU_LIMIT} virtual users`)
  .default(0)
  .meta({ description: 'Virtual users with which the first stage begins.' });

export const gracefulRampDownKey = durationSchema.prefault('30s').meta({
  description:
    'How long the iteration of a VU may go on that a falling stage took away; then it is ' +
    'interrupted.',
});

export const gracefulStopKey = durationSchema.prefault('30s').meta({
  description: 'How long running iterations may take to end before they are interrupted.',
});

const stageRateKey = rateSchema.refine(
  (rate) => rate <= RATE_LIMIT_PER_SECOND,
  `at most ${RATE_LIMIT_PER_SECOND}/s`,
);

export const rateKey = stageRateKey
  .refine((rate) => rate > 0, 'a rate above 0')
  .meta({ description: 'Arrivals per unit of time, over all workers: 200/s, 6000/min.' });

export const startRateKey = stageRateKey
  .prefault('0/s')
  .meta({ description: 'The rate at which the first stage begins.' });

const stageKeys = {
  duration: durationSchema.meta({
    description: 'How long it takes to get there, in a straight line; 0s is a jump.',
  }),
  name: z
    .string()
    .regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, 'letters, digits and _, starting with a letter')
    .optional()
    .meta({
      description:
        'Thresholds with `stage:NAME` judge what ended in the whole seconds of the stage alone.',
    }),
};

const stageVusKey = z
  .int()
  .min(0)
  .max(VU_LIMIT, `at most ${VU_LIMIT} virtual users`)
  .meta({ description: 'How many virtual users there are at the end of the stage.' });

export const stagesKey = stagesOf(
  stageRateKey.meta({ description: 'The rate at the end of the stage.' }).transform(byRate),
);

export const vuStagesKey = stagesOf(stageVusKey.transform(byVus));

/** Of a warm-up, whose executor is known only when all of it is: `to` says which one it suits. */
export const anyStagesKey = stagesOf(
  z
    .union([stageRateKey.transform(byRate), stageVusKey.transform(byVus)])
    .meta({ description: 'The rate, or the number of virtual users, at the end of the stage.' }),
);

function byRate(toPerSecond: number): { toPerSecond: number; toVus?: never } {
  return { toPerSecond };
}

function byVus(toVus: number): { toVus: number; toPerSecond?: never } {
  return { toVus };
}

function stagesOf<Height extends object>(to: z.ZodType<Height>) {
  const stage = z.strictObject({ to, ...stageKeys }).transform((parsed) => ({
    ...parsed.to,
    durationNs: parsed.duration,
    ...(parsed.name !== undefined && { name: parsed.name }),
  }));
  return z
    .array(stage)
    .min(1, 'at least one stage')
    .max(10_000, 'at most 10000 stages')
    .meta({ description: 'Stages, one after another.' });
}

/** Keys of every executor whose arrivals are planned. */
export const lateKeys = {
  maxInFlight: z
    .int()
    .min(1, 'at least one in flight')
    .max(VU_LIMIT, `at most ${VU_LIMIT} in flight`)
    .default(1000)
    .meta({ description: 'Iterations that may run at once, over all workers.' }),
  whenLate: z
    .enum(WHEN_LATE)
    .default('queue')
    .meta({
      description:
        'What happens to an arrival that finds all of maxInFlight busy. queue: it starts in its ' +
        'turn, its time counts from when it was intended. drop: it is counted as unsent.',
    }),
  maxLateness: durationSchema.optional().meta({
    description: 'With queue: an arrival that could not start for so long is counted as unsent.',
  }),
  latencyLimit: durationSchema.optional().meta({
    description: 'Iterations that take longer from their intended start are counted as late.',
  }),
  pacing: z
    .enum(PACINGS)
    .default('precise')
    .meta({
      description:
        'How arrivals are waited for. precise: the last 100 µs in turns of the event loop, which ' +
        'takes CPU. efficient: asleep, and started some 100 µs late.',
    }),
};

/** Keys of every executor that follows a plan of its own. */
export const openKeys = {
  arrival: z
    .union([
      z.enum(Object.keys(ARRIVALS) as [ArrivalName, ...ArrivalName[]]),
      z.strictObject({
        gamma: z.strictObject({
          cv: z
            .number()
            .min(0.01)
            .max(10)
            .meta({ description: 'Standard deviation of the gaps over their mean.' }),
        }),
      }),
    ])
    .default('constant')
    .meta({
      description: `How arrivals are spaced. ${Object.entries(ARRIVALS)
        .map(([name, { summary }]) => `${name}: ${summary}`)
        .join(' ')} ${GAMMA_SUMMARY}`,
    }),
  ...lateKeys,
};

interface OpenValues {
  readonly arrival: Arrival;
  readonly maxInFlight: number;
  readonly whenLate: OpenModel['whenLate'];
  readonly maxLateness?: number | undefined;
  readonly latencyLimit?: number | undefined;
  readonly pacing: Pacing;
}

/** The keys of every load that follows a plan. */
export interface OpenLoad {
  readonly arrival: Arrival;
  readonly maxInFlight: number;
  readonly whenLate: OpenModel['whenLate'];
  readonly maxLatenessNs?: number;
  readonly latencyLimitNs?: number;
  readonly pacing: Pacing;
}

export function openLoad(values: OpenValues): OpenLoad {
  const { arrival, maxInFlight, whenLate, maxLateness, latencyLimit, pacing } = values;
  return {
    arrival,
    maxInFlight,
    whenLate,
    pacing,
    ...(maxLateness !== undefined && { maxLatenessNs: maxLateness }),
    ...(latencyLimit !== undefined && { latencyLimitNs: latencyLimit }),
  };
}

export function lateProblems({
  whenLate,
  maxLateness,
}: Pick<OpenValues, 'whenLate' | 'maxLateness'>): LoadProblem[] {
  if (whenLate !== 'drop' || maxLateness === undefined) return [];
  return [
    {
      key: 'maxLateness',
      reason: 'has no meaning with whenLate: drop, which never keeps an arrival waiting',
    },
  ];
}

/** Exactly one of `duration` and `iterations` ends a load. */
export function endProblems(values: {
  readonly duration?: number | undefined;
  readonly iterations?: number | undefined;
}): LoadProblem[] {
  if (values.duration === undefined && values.iterations === undefined) {
    const reason = 'the load needs an end: duration or iterations';
    return [{ key: 'duration', reason, isMissingEnd: true }];
  }
  if (values.duration !== undefined && values.iterations !== undefined) {
    return [
      { key: 'iterations', reason: 'the load has two ends: duration or iterations, not both' },
    ];
  }
  return [];
}

/** The same for loads that can also go on until two minima hold. */
export function minimaProblems(values: {
  readonly duration?: number | undefined;
  readonly iterations?: number | undefined;
  readonly minDuration?: number | undefined;
  readonly minSamples?: number | undefined;
}): LoadProblem[] {
  const { minDuration, minSamples } = values;
  if (minDuration === undefined && minSamples === undefined) return endProblems(values);
  if (minDuration === undefined || minSamples === undefined) {
    const key = minDuration === undefined ? 'minDuration' : 'minSamples';
    return [{ key, reason: 'minDuration and minSamples must both hold: give both' }];
  }
  const other = (['duration', 'iterations'] as const).find((key) => values[key] !== undefined);
  if (other === undefined) return [];
  return [{ key: other, reason: `the load has two ends: ${other} or the two minima, not both` }];
}

/** What both together say; empty where neither is given. */
export function minimaOf(values: {
  readonly minDuration?: number | undefined;
  readonly minSamples?: number | undefined;
}): { readonly minima?: Minima } {
  const { minDuration, minSamples } = values;
  if (minDuration === undefined || minSamples === undefined) return {};
  return { minima: { durationNs: minDuration, iterations: minSamples } };
}
