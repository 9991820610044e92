import { shareOf, type Share } from '../pacing/share.ts';
import type { LoadModel } from './load-model.ts';
import type { Load } from './load-schema.ts';
import { modelOf } from './registry.ts';

/** Slots that a worker needs for its share of a load, in whichever phase needs more. */
export function slotsNeeded(load: Load, share: Share): number {
  const warmup = load.warmup === undefined ? 0 : slotsOf(modelOf(load.warmup.load), share);
  return Math.max(warmup, slotsOf(modelOf(load), share));
}

/** The share of the VUs, or of the iterations that may be in flight. */
export function slotsOf(model: LoadModel, share: Share): number {
  return shareOf(model.kind === 'closed' ? model.vus : model.maxInFlight, share);
}

/**
 * Whose arrivals a worker starts. With fewer places in flight than workers, the workers that have
 * none leave all arrivals to the others; they get a share without arrivals.
 */
export function arrivalShare(maxInFlight: number, { index, count }: Share): Share | undefined {
  const carriers = Math.min(count, maxInFlight);
  return index < carriers ? { index, count: carriers } : undefined;
}
