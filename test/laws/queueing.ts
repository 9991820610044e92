/** Closed forms of queues with Poisson arrivals, in units of the mean service time. */

/** P(W ≤ t) and E[W] of waiting before service. */
export interface WaitingLaw {
  readonly mean: number;
  atMost(waiting: number): number;
}

/** M/M/1: P(W > t) = ρ e^{−(1−ρ)t}. */
export function mm1(utilisation: number): WaitingLaw {
  return mmc(utilisation, 1);
}

/** M/M/c by Erlang's C formula: P(W > t) = C e^{−c(1−ρ)t}. */
export function mmc(utilisation: number, servers: number): WaitingLaw {
  const offered = utilisation * servers;
  let blocked = 1; // Erlang's B, by its recursion over the number of servers.
  for (let count = 1; count <= servers; count++) {
    blocked = (offered * blocked) / (count + offered * blocked);
  }
  const waits = blocked / (1 - utilisation * (1 - blocked));
  const rate = servers * (1 - utilisation);
  return { mean: waits / rate, atMost: (waiting) => 1 - waits * Math.exp(-rate * waiting) };
}

/**
 * M/D/1: the mean by Pollaczek and Khinchine, the distribution by Erlang (1909),
 * P(W ≤ t) = (1−ρ) Σ_{k=0}^{⌊t⌋} (ρ(k−t))^k / k! · e^{ρ(t−k)}. Its terms alternate: exact enough in
 * doubles for the t below 20 that are asked for.
 */
export function md1(utilisation: number): WaitingLaw {
  return {
    mean: utilisation / (2 * (1 - utilisation)),
    atMost(waiting) {
      let sum = 0;
      for (let k = 0; k <= Math.floor(waiting); k++) {
        let power = 1;
        for (let factor = 1; factor <= k; factor++) power *= (utilisation * (k - waiting)) / factor;
        sum += power * Math.exp(utilisation * (waiting - k));
      }
      return (1 - utilisation) * sum;
    },
  };
}
