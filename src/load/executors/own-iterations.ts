import type { Share } from '../pacing/share.ts';
import type { LoadModel } from './load-model.ts';

/**
 * The iterations of VUs that each run so many of their own. Their numbers are a function of the
 * VU: VU k of n runs k, n + k, 2n + k and so on, so that it reads the same rows in every run.
 */
export class OwnIterations {
  readonly #vus: number;
  readonly #perVu: number;
  readonly #share: Share;
  /** By slot. */
  readonly #taken: Float64Array;

  constructor(parts: { vus: number; perVu: number; share: Share; slotCount: number }) {
    this.#vus = parts.vus;
    this.#perVu = parts.perVu;
    this.#share = parts.share;
    this.#taken = new Float64Array(parts.slotCount);
  }

  isLeft(slot: number): boolean {
    return this.#taken[slot]! < this.#perVu;
  }

  take(slot: number): number {
    const vu = slot * this.#share.count + this.#share.index;
    return this.#taken[slot]!++ * this.#vus + vu;
  }
}

/** Undefined for a model whose VUs share their iterations, or that has none. */
export function ownIterations(
  model: LoadModel,
  share: Share,
  slotCount: number,
): OwnIterations | undefined {
  if (model.kind === 'open' || model.iterationsPerVu === undefined) return undefined;
  const { vus, iterationsPerVu: perVu } = model;
  return new OwnIterations({ vus, perVu, share, slotCount });
}
