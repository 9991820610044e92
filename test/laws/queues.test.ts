import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lindley } from '../../servers/reference/lindley.ts';
import { randomServiceTime, type ServiceLaw } from '../../servers/reference/service-law.ts';
import { md1, mm1, mmc, type WaitingLaw } from './queueing.ts';
import { plannedOffsetsNs } from './observed-run.ts';
import { batchMeans, holds, type Finding } from './samples.ts';

/**
 * Four standard errors: each of some ten figures would miss with probability 0.0001, and which do is
 * decided by the seeds alone.
 */
const STANDARD_ERRORS = 4;

interface Queue {
  readonly name: string;
  readonly service: (meanNs: number) => ServiceLaw;
  readonly slots: number;
  readonly law: WaitingLaw;
}

const UTILISATION = 0.6;
const SERVER_SEED = 3;

const QUEUES: readonly Queue[] = [
  {
    name: 'M/M/1',
    service: (meanNs) => randomServiceTime({ law: 'exponential', meanNs }, SERVER_SEED),
    slots: 1,
    law: mm1(UTILISATION),
  },
  {
    name: 'M/D/1',
    service: (meanNs) => () => meanNs,
    slots: 1,
    law: md1(UTILISATION),
  },
  {
    name: 'M/M/3',
    service: (meanNs) => randomServiceTime({ law: 'exponential', meanNs }, SERVER_SEED),
    slots: 3,
    law: mmc(UTILISATION, 3),
  },
];

for (const { name, service, slots, law } of QUEUES) {
  test(`the plan's Poisson arrivals at ${name} wait as the closed form says`, () => {
    const events = 400_000;
    const rate = 100_000;
    const meanNs = ((UTILISATION * slots) / rate) * 1e9;
    const offsetsNs = plannedOffsetsNs({
      executor: 'constant-arrival-rate',
      rate: `${rate}/s`,
      iterations: events,
      arrival: 'poisson',
    });
    assert.equal(offsetsNs.length, events);
    const workOf = service(meanNs);
    const departuresNs = lindley({ arrivalsNs: offsetsNs, serviceTimeNs: workOf, slots });
    const waiting = departuresNs.map(
      (departure, index) => (departure - workOf(index) - offsetsNs[index]!) / meanNs,
    );
    holds(closedFormFindings(waiting, law));
  });
}

/** Mean and distribution of waiting times, in units of the mean service time. */
function closedFormFindings(waiting: ArrayLike<number>, law: WaitingLaw): Finding[] {
  const mean = batchMeans(waiting);
  const findings = [finding('mean waiting time', mean, law.mean)];
  for (const bound of [0.25, 0.5, 1, 2, 3, 4, 6]) {
    // The thousandth keeps whole nanoseconds on the right side of the jumps of M/D/1.
    const within = Float64Array.from(waiting, (value) => (value <= bound + 1e-3 ? 1 : 0));
    findings.push(finding(`P(W ≤ ${bound})`, batchMeans(within), law.atMost(bound)));
  }
  const none = Float64Array.from(waiting, (value) => (value <= 1e-3 ? 1 : 0));
  return [...findings, finding('P(W = 0)', batchMeans(none), law.atMost(0))];
}

function finding(
  of: string,
  { mean, standardError }: ReturnType<typeof batchMeans>,
  expected: number,
): Finding {
  return { of, observed: mean, expected, allowance: STANDARD_ERRORS * standardError };
}
