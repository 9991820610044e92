import { randomStream } from '../base/random/counter-random.ts';
import { sampler, type Distribution, type Draw } from '../base/random/distribution.ts';
import { PHASES } from '../measure/metrics/outcome.ts';

/** One think step of a flow. */
export interface ThinkTime<Time = Distribution> {
  /** Among all steps of the flow, as written: those in groups and choices count. */
  readonly position: number;
  /** In ns. */
  readonly time: Time;
}

/** Draws the think time of an iteration: a function of (seed, flow, place, phase, iteration). */
export class ThinkTimes {
  /** By think step and phase. */
  readonly #draws: readonly (readonly Draw[])[];

  constructor(times: readonly ThinkTime[], { seed, flow }: { seed: number; flow: number }) {
    this.#draws = times.map(({ position, time }) =>
      PHASES.map((phase) =>
        sampler(time, randomStream(seed, `think/${flow}/${position}/${phase}`)),
      ),
    );
  }

  /** All think steps in a row together. */
  drawNs(phase: number, iteration: number): number {
    let sumNs = 0;
    for (const draws of this.#draws) sumNs += Math.max(0, draws[phase]!(iteration));
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
