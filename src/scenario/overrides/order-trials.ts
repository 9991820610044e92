import { randomBelow, randomStream } from '../../base/random/counter-random.ts';

/** One run of one point of the sweep. */
export interface TrialRun {
  /** Its index among the points, from 0. */
  readonly point: number;
  /** From 1. */
  readonly repetition: number;
}

/**
 * Each point once, then each again: a randomised complete block design where the order is shuffled
 * (R. A. Fisher, "The Design of Experiments", 1935), so that a drift of the system over the run is
 * no difference between points. Pure in the seed.
 */
export function orderTrials(asked: {
  readonly points: number;
  readonly repeat: number;
  readonly order: 'listed' | 'shuffle';
  readonly seed: number;
}): TrialRun[] {
  const { points, repeat, order, seed } = asked;
  const listed = Array.from({ length: points }, (_, point) => point);
  return Array.from({ length: repeat }, (_, at) => at + 1).flatMap((repetition) => {
    const ordered = order === 'listed' ? listed : shuffled(listed, seed, repetition);
    return ordered.map((point) => ({ point, repetition }));
  });
}

/** Fisher and Yates. */
function shuffled(listed: readonly number[], seed: number, repetition: number): number[] {
  const stream = randomStream(seed, `trials/order/${repetition}`);
  const order = [...listed];
  for (let last = order.length - 1; last > 0; last--) {
    const other = randomBelow(stream, last, last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
