import { z } from 'zod';
import { TraceCurve, type TraceTimes } from '../pacing/trace-curve.ts';
import { defineExecutor } from './executor-definition.ts';
import { lateKeys, lateProblems, openLoad, type OpenLoad } from './load-keys.ts';

export interface ArrivalTraceLoad extends Omit<OpenLoad, 'arrival'> {
  readonly executor: 'arrival-trace';
  readonly trace: TraceSource;
  /** Read when the data is; absent until then. */
  readonly times?: TraceTimes;
}

export interface TraceSource {
  /** A feeder. */
  readonly data: string;
  /** Its field with the time of each row. */
  readonly at: string;
  /** Of times that are mere numbers, in seconds. */
  readonly unitSeconds: number;
  /** Its field that says which rows belong together. */
  readonly session?: string;
  readonly speed: number;
  /** As a ratio. */
  readonly keep: number;
}

/** What a number in the field `at` may count, in seconds. */
const UNITS_SECONDS = { s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 } as const;

const traceKey = z
  .strictObject({
    data: z.string().min(1),
    at: z.string().min(1),
    unit: z.enum(['s', 'ms', 'us', 'ns']).default('s'),
    session: z.string().min(1).optional(),
    speed: z.number().positive('more than 0').max(1e9).default(1),
    keep: z
      .string()
      .regex(/^\d+(\.\d+)?%$/, 'a share with its %, such as 50%')
      .prefault('100%')
      .transform((text) => Number(text.slice(0, -1)) / 100)
      .refine((share) => share > 0 && share <= 1, 'more than 0% and at most 100%'),
  })
  .meta({
    description:
      '`{ data, at, unit, session, speed, keep }`: the feeder `data` has a row for each arrival, in ' +
      'order, with its time in the field `at`, where a mere number counts seconds, or the `unit` ' +
      'ms, us or ns; the field `session` says which rows belong together.',
  });

const NO_TIMES: TraceTimes = {
  offsetsNs: new Float64Array(0),
  rows: new Float64Array(0),
  durationNs: 0,
  peakPerSecond: 0,
};

export const arrivalTrace = defineExecutor({
  name: 'arrival-trace',
  summary: 'Iterations arrive when a recorded trace says; arrival i reads row i of it.',
  keys: { trace: traceKey, ...lateKeys },
  ends: ['trace'],
  warmsUp: false,
  problems: lateProblems,
  load: (values): ArrivalTraceLoad => {
    const { arrival: _, ...late } = openLoad({ ...values, arrival: 'constant' });
    const { session, unit, ...trace } = values.trace;
    const unitSeconds = UNITS_SECONDS[unit];
    return {
      executor: 'arrival-trace',
      trace: { ...trace, unitSeconds, ...(session !== undefined && { session }) },
      ...late,
    };
  },
  model: (load) => ({
    kind: 'open',
    curve: new TraceCurve(load.times ?? NO_TIMES),
    arrival: 'trace',
    iterations: undefined,
    maxInFlight: load.maxInFlight,
    whenLate: load.whenLate,
    maxLatenessNs: load.maxLatenessNs ?? Infinity,
  }),
});
