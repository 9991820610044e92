import { parseDurationNs } from './durations.ts';
import { randomBits } from './random.ts';

/**
 * How long a request is served, as a pure function of its number: a random law draws from
 * `randomBits(seed, request)`, so that the same requests get the same times again.
 */
export type ServiceLaw = (request: number) => number;

/** A law of service times that differ from request to request. */
export type RandomService =
  | { readonly law: 'exponential'; readonly meanNs: number }
  | {
      readonly law: 'bimodal';
      readonly shortNs: number;
      readonly longNs: number;
      /** The probability of a long one, 0 to 1. */
      readonly longShare: number;
    };

/** Every request takes `serviceTimeNs`. */
export function constantServiceTime(serviceTimeNs: number): ServiceLaw {
  return () => serviceTimeNs;
}

/** Whole nanoseconds, independent of each other, the same again for the same seed. */
export function randomServiceTime(service: RandomService, seed: number): ServiceLaw {
  // Bodies draw from the seed itself: service times have a stream of their own beside it.
  const stream = randomBits(seed, 0x5e41ce);
  if (service.law === 'exponential') {
    const { meanNs } = service;
    // Inversion. 32 bits bound a draw by 23 means, beyond which a law of mean 1 has 1e-10.
    return (request) => Math.round(-meanNs * Math.log(uniform(stream, request)));
  }
  const { shortNs, longNs, longShare } = service;
  return (request) => (uniform(stream, request) < longShare ? longNs : shortNs);
}

/** Reads "exponential:5ms" or "bimodal:1ms/50ms/10%"; null for a plain duration. */
export function parseRandomService(text: string): RandomService | null {
  const colon = text.indexOf(':');
  if (colon === -1) return null;
  const [law, rest] = [text.slice(0, colon), text.slice(colon + 1)];
  const parts = rest.split('/');
  if (law === 'exponential' && parts.length === 1) {
    return { law, meanNs: parseDurationNs(rest) };
  }
  if (law === 'bimodal' && parts.length === 3) {
    const [short, long, share] = parts as [string, string, string];
    const [shortNs, longNs] = [parseDurationNs(short), parseDurationNs(long)];
    return { law, shortNs, longNs, longShare: parseShare(share) };
  }
  throw new RangeError(
    `${JSON.stringify(text)} is neither exponential:MEAN nor bimodal:SHORT/LONG/SHARE% of long ones`,
  );
}

/** Strictly between 0 and 1, so that its logarithm is finite and not 0. */
function uniform(stream: number, request: number): number {
  return (randomBits(stream, request) + 0.5) / 2 ** 32;
}

function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const share = Number(match?.[1]) / 100;
  if (share >= 0 && share <= 1) return share;
  throw new RangeError(`${JSON.stringify(text)} is not a share from 0% to 100%`);
}
