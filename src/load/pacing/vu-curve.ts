import { NS_PER_SECOND } from '../../base/time/clock.ts';

/** A stretch of the curve: the number of VUs goes to `toVus` in a straight line. */
export interface VuStage {
  readonly toVus: number;
  readonly durationNs: number;
}

/** When one VU is active: from `fromNs` on, until just before `untilNs`. */
export interface ActiveStretch {
  readonly fromNs: number;
  readonly untilNs: number;
}

interface PlacedStage extends VuStage {
  readonly fromVus: number;
  readonly startNs: number;
}

/**
 * VUs over time, piecewise linear between whole numbers. VU k (from 0) is active while the curve
 * is above k + ½, so that at any time the number of active ones is the nearest whole number. A
 * line between whole numbers passes all halves at the middle of what it spends on a VU, so that the
 * VU-time of every stage is exactly the area under its line.
 */
export class VuCurve {
  readonly durationNs: number;
  readonly peakVus: number;
  /** The area under the curve. */
  readonly vuSeconds: number;
  readonly #startVus: number;
  readonly #stages: readonly PlacedStage[];

  constructor(startVus: number, stages: readonly VuStage[]) {
    const placed: PlacedStage[] = [];
    let fromVus = startVus;
    let startNs = 0;
    let peakVus = startVus;
    let vuSeconds = 0;
    for (const { toVus, durationNs } of stages) {
      placed.push({ fromVus, toVus, durationNs, startNs });
      vuSeconds += ((fromVus + toVus) / 2) * (durationNs / NS_PER_SECOND);
      peakVus = Math.max(peakVus, toVus);
      startNs += durationNs;
      fromVus = toVus;
    }
    this.#startVus = startVus;
    this.#stages = placed;
    this.durationNs = startNs;
    this.peakVus = peakVus;
    this.vuSeconds = vuSeconds;
  }

  /** When VU `vu` is active, in order, in whole ns from the start of the curve. */
  *stretches(vu: number): Generator<ActiveStretch, undefined> {
    const level = vu + 0.5;
    let fromNs = this.#startVus > level ? 0 : Infinity;
    for (const { fromVus, toVus, startNs, durationNs } of this.#stages) {
      const rises = toVus > level;
      if (rises === fromVus > level) continue;
      const part = (level - fromVus) / (toVus - fromVus);
      const crossingNs = Math.round(startNs + part * durationNs);
      if (!rises && crossingNs > fromNs) yield { fromNs, untilNs: crossingNs };
      fromNs = rises ? crossingNs : Infinity;
    }
    if (fromNs < this.durationNs) yield { fromNs, untilNs: this.durationNs };
    return undefined;
  }
}
