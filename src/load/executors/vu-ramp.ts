import type { Share } from '../pacing/share.ts';
import type { ActiveStretch, VuCurve } from '../pacing/vu-curve.ts';

/** When the VUs of one worker are active. Each of them is asked about times that only grow. */
export class VuRamp {
  readonly #curve: VuCurve;
  readonly #share: Share;
  /** By slot: the stretch that the VU is in or comes to next, and those after it. */
  readonly #fromNs: Float64Array;
  readonly #untilNs: Float64Array;
  readonly #later: (Iterator<ActiveStretch, undefined> | undefined)[];

  constructor(curve: VuCurve, share: Share, slotCount: number) {
    this.#curve = curve;
    this.#share = share;
    this.#fromNs = new Float64Array(slotCount);
    this.#untilNs = new Float64Array(slotCount);
    this.#later = Array.from({ length: slotCount }, () => undefined);
  }

  /** The first time from `offsetNs` on at which the VU is active; Infinity when it never is. */
  activeFrom(slot: number, offsetNs: number): number {
    while (this.#untilNs[slot]! <= offsetNs) this.#goOn(slot);
    return Math.max(this.#fromNs[slot]!, offsetNs);
  }

  /** When the stretch ends that `activeFrom` told last; Infinity where the load ends with it. */
  activeUntil(slot: number): number {
    const untilNs = this.#untilNs[slot]!;
    return untilNs < this.#curve.durationNs ? untilNs : Infinity;
  }

  #goOn(slot: number): void {
    const vu = slot * this.#share.count + this.#share.index;
    const later = (this.#later[slot] ??= this.#curve.stretches(vu));
    const { fromNs, untilNs } = later.next().value ?? NEVER;
    this.#fromNs[slot] = fromNs;
    this.#untilNs[slot] = untilNs;
  }
}

const NEVER: ActiveStretch = { fromNs: Infinity, untilNs: Infinity };
