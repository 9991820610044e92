/**
 * How long a request is served, as a pure function of its number: a random law draws from
 * `randomBits(seed, request)`, so that the same requests get the same times again.
 */
export type ServiceLaw = (request: number) => number;

/** Every request takes `serviceTimeNs`. */
export function constantServiceTime(serviceTimeNs: number): ServiceLaw {
  return () => serviceTimeNs;
}
