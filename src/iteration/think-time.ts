import { z } from 'zod';
import { randomStream, type RandomStream } from '../base/random/counter-random.ts';
import { distributionSchema, drawFrom, type Distribution } from '../base/random/distribution.ts';
import { nameSchema } from '../base/expressions/name-schema.ts';
import { durationSchema } from '../base/time/duration.ts';
import { PHASES } from '../measure/metrics/outcome.ts';

/** A step that waits and sends nothing; it needs no target. */
export const thinkStepSchema = z.strictObject({
  name: nameSchema.optional().meta({ description: 'Only for overrides to reach it by.' }),
  think: distributionSchema(durationSchema).meta({
    inWords: 'duration or distribution',
    description:
      'How long: `2s`, or drawn from the seed anew for each iteration: `{ uniform: [1s, 3s] }`, `{ exponential: 2s }`, `{ normal: { mean: 2s, sd: 1s } }`, `lognormal` and `gamma` like it, `{ choice: [1s, 5s] }`. `min` and `max` stand beside `mean`; beyond them a draw becomes the limit.',
  }),
});

/** One think step of a flow. */
export interface ThinkTime {
  /** Among the steps of the flow, as written. */
  readonly position: number;
  /** In ns. */
  readonly time: Distribution;
}

/** Draws the think time of an iteration: a function of (seed, flow, place, phase, iteration). */
export class ThinkTimes {
  readonly #thinks: readonly {
    readonly time: Distribution;
    readonly streams: readonly RandomStream[];
  }[];

  constructor(times: readonly ThinkTime[], { seed, flow }: { seed: number; flow: number }) {
    this.#thinks = times.map(({ position, time }) => ({
      time,
      streams: PHASES.map((phase) => randomStream(seed, `think/${flow}/${position}/${phase}`)),
    }));
  }

  /** All think steps in a row together. */
  drawNs(phase: number, iteration: number): number {
    let sumNs = 0;
    for (const { time, streams } of this.#thinks) {
      sumNs += Math.max(0, drawFrom(time, streams[phase]!, iteration));
    }
    return Math.round(sumNs);
  }
}

/** Undefined where nobody thinks. */
export function thinkTimes(
  times: readonly ThinkTime[] | undefined,
  owner: { readonly seed: number; readonly flow: number },
): ThinkTimes | undefined {
  return times === undefined || times.length === 0 ? undefined : new ThinkTimes(times, owner);
}
