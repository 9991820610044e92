import {
  randomExponential,
  randomStream,
  randomUniform,
} from '../../../src/base/random/counter-random.ts';
import { Histogram } from '../../../src/measure/metrics/histogram.ts';
import type { KeptSeconds, KeptUnit } from '../../../src/measure/statistics/kept-seconds.ts';

/** Standard normal draws, by Box and Muller. */
export function normals(seed: number, count: number): number[] {
  const stream = randomStream(seed, 'test/normals');
  return Array.from({ length: count }, (_, at) => {
    const radius = Math.sqrt(2 * randomExponential(stream, 2 * at));
    return radius * Math.cos(2 * Math.PI * randomUniform(stream, 2 * at + 1));
  });
}

/** A stationary first-order process of variance 1: each value `dependence` times the one before. */
export function dependentSeries(seed: number, count: number, dependence: number): number[] {
  const draws = normals(seed, count);
  const fresh = Math.sqrt(1 - dependence ** 2);
  const series = [draws[0]!];
  for (let at = 1; at < count; at++) series.push(dependence * series[at - 1]! + fresh * draws[at]!);
  return series;
}

/** Seconds as a run keeps them, made of what a test says happened in each. */
export function keptOf(units: readonly Partial<KeptUnit>[]): KeptSeconds {
  const empty = { ok: 0, due: 0, backlog: 0, neverAnswered: 0 };
  const whole = units.map((unit) => ({ answered: new Histogram(), ...empty, ...unit }));
  return { units: whole, unitSeconds: 1, metric: 'response_time' } as unknown as KeptSeconds;
}
