import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SecondEvidence } from '../../../src/measure/validity/second-evidence.ts';
import { troubleOf } from '../../../src/measure/validity/trouble.ts';
import { MS, SECOND } from '../metrics/recorded-world.ts';
import { sample } from './validity-world.ts';

function second(change: Partial<SecondEvidence>): SecondEvidence {
  return {
    second: 3,
    durationNs: SECOND,
    arrivals: 100,
    sends: 100,
    lateSends: 0,
    limitNs: MS,
    lagMaxNs: 0,
    lateBySteps: [],
    responses: undefined,
    monitors: sample(),
    ...change,
  };
}

test('a second in which nothing was wrong has no line', () => {
  assert.equal(troubleOf(second({})), undefined);
  assert.equal(troubleOf(second({ lateSends: 5 })), undefined);
  assert.equal(troubleOf(second({ monitors: undefined })), undefined);
});

test('the line of a second names what was wrong in it, and how much', () => {
  assert.equal(
    troubleOf(
      second({
        lateSends: 60,
        monitors: sample({ busyNs: 0.97 * SECOND, spinNs: 0, cpuNs: 0.96 * SECOND }, 0.12),
      }),
    ),
    'the generator is the bottleneck: 60% of requests left more than 1 ms late; ' +
      'worker 0 spent 97% of its time in callbacks; the hypervisor took 12% of the CPU',
  );
});

test('a worker that was kept from its core is not called busy', () => {
  assert.equal(
    troubleOf(
      second({ monitors: sample({ busyNs: 0.95 * SECOND, spinNs: 0, cpuNs: 0.2 * SECOND }) }),
    ),
    'the generator is the bottleneck: worker 0 wanted 95% of a core and had 20%',
  );
});

test('late sends behind the last arrival are no second of their own', () => {
  assert.equal(troubleOf(second({ arrivals: 0, lateSends: 60 })), undefined);
});
