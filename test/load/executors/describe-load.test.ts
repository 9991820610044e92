import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLoad, iterationsOfShare } from '../../../src/load/executors/describe-load.ts';
import { planHash } from '../../../src/load/executors/plan-hash.ts';
import { slotsNeeded } from '../../../src/load/executors/slots-needed.ts';
import { load } from './scripted-port.ts';

const OPEN = { executor: 'constant-arrival-rate', rate: '200/s', duration: '10s' };

test('an open load is described by its arrivals', () => {
  assert.deepEqual(describeLoad(load(OPEN), 1, 'main'), {
    arrivals: 2000,
    iterations: 2000,
    durationNs: 10e9,
    maxDurationNs: undefined,
    peakRatePerSecond: 200,
    vus: undefined,
    maxInFlight: 1000,
  });
  const byCount = load({ executor: 'constant-arrival-rate', rate: '200/s', iterations: 7 });
  const { arrivals, durationNs } = describeLoad(byCount, 1, 'main');
  assert.deepEqual([arrivals, durationNs], [7, undefined]);
});

test('the peak of a ramp is its highest stage', () => {
  const stages = [
    { to: '50/s', duration: '2s' },
    { to: '10/s', duration: '2s' },
  ];
  const ramp = load({ executor: 'ramping-arrival-rate', stages });
  const { arrivals, peakRatePerSecond, durationNs } = describeLoad(ramp, 1, 'main');
  assert.deepEqual([arrivals, peakRatePerSecond, durationNs], [110, 50, 4e9]);
});

test('a closed load is described by its VUs and by what ends it', () => {
  const timed = describeLoad(load({ executor: 'constant-vus', vus: 9, duration: '1m' }), 1, 'main');
  assert.deepEqual([timed.vus, timed.durationNs, timed.iterations], [9, 60e9, undefined]);
  const counted = describeLoad(
    load({ executor: 'shared-iterations', vus: 9, iterations: 50, maxDuration: '1m' }),
    1,
    'main',
  );
  assert.deepEqual(
    [counted.vus, counted.durationNs, counted.maxDurationNs, counted.iterations],
    [9, undefined, 60e9, 50],
  );
});

test('a ramp of VUs is described by its peak, its length and the time that VUs run', () => {
  const stages = [
    { to: 10, duration: '20s' },
    { to: 0, duration: '10s' },
  ];
  const ramp = describeLoad(load({ executor: 'ramping-vus', stages }), 1, 'main');
  assert.deepEqual([ramp.vus, ramp.durationNs, ramp.vuSeconds], [10, 30e9, 150]);
});

test('iterations of each VU are counted over all VUs, and by share where VUs are dealt', () => {
  const own = load({ executor: 'per-vu-iterations', vus: 5, iterations: 20, maxDuration: '1m' });
  const described = describeLoad(own, 1, 'main');
  assert.deepEqual([described.iterations, described.maxDurationNs], [100, 60e9]);
  const shares = [0, 1].map((index) => iterationsOfShare(described, { index, count: 2 }));
  assert.deepEqual(shares, [60, 40]);
  const shared = load({ executor: 'shared-iterations', vus: 5, iterations: 101 });
  const halves = [0, 1].map((index) =>
    iterationsOfShare(describeLoad(shared, 1, 'main'), { index, count: 2 }),
  );
  assert.deepEqual(halves, [51, 50]);
});

test('the slots of all workers are those of the load, the remainder with the first', () => {
  const source = load({ ...OPEN, maxInFlight: 10, warmup: { duration: '1s', maxInFlight: 14 } });
  const slots = [0, 1, 2, 3].map((index) => slotsNeeded(source, { index, count: 4 }));
  assert.deepEqual(slots, [4, 4, 3, 3]);
});

const poisson = load({ ...OPEN, arrival: 'poisson' });

test('one hash, one offered load: the same for the same seed, another one for another', () => {
  const hash = planHash([{ name: 'main', load: poisson }], 1);
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(planHash([{ name: 'main', load: poisson }], 1), hash);
  assert.notEqual(planHash([{ name: 'main', load: poisson }], 2), hash);
  assert.notEqual(planHash([{ name: 'other', load: poisson }], 1), hash);
  const program = (weight: number) => [{ kind: 'oneOf', choices: [{ weight, node: {} }] }];
  const mixed = planHash([{ name: 'main', load: poisson, program: program(1) }], 1);
  assert.notEqual(mixed, hash);
  assert.notEqual(planHash([{ name: 'main', load: poisson, program: program(2) }], 1), mixed);
});

test('a ramp of VUs has the hash of when they are active, however it is written', () => {
  const ramp = (stages: unknown, rest = {}): string =>
    planHash([{ name: 'main', load: load({ executor: 'ramping-vus', stages, ...rest }) }], 1);
  const whole = ramp([{ to: 8, duration: '4s', name: 'up' }]);
  const inTwo = ramp(
    [
      { to: 4, duration: '2s' },
      { to: 8, duration: '2s' },
    ],
    {
      gracefulRampDown: '1s',
    },
  );
  assert.equal(inTwo, whole);
});

test('how long VUs think is in the hash, and the seed that decides it', () => {
  const closed = load({ executor: 'constant-vus', vus: 4, duration: '10s' });
  const thinks = (value: number) => [{ position: 1, time: { kind: 'constant', value } as const }];
  const hashes = [
    planHash([{ name: 'main', load: closed }], 1),
    planHash([{ name: 'main', load: closed, thinkAfter: thinks(1) }], 1),
    planHash([{ name: 'main', load: closed, thinkAfter: thinks(2) }], 1),
    planHash([{ name: 'main', load: closed, thinkAfter: thinks(2) }], 2),
    planHash([{ name: 'main', load: closed, steps: [{}, { thinkBefore: thinks(4) }] }], 1),
    planHash([{ name: 'main', load: closed, program: thinks(4) }], 1),
    planHash([{ name: 'main', load: closed, program: thinks(4) }], 2),
  ];
  assert.equal(new Set(hashes).size, hashes.length);
});

test('what changes no intended start changes no hash', () => {
  const hash = planHash([{ name: 'main', load: poisson }], 1);
  const other = load({
    ...OPEN,
    arrival: 'poisson',
    maxInFlight: 3,
    whenLate: 'drop',
    gracefulStop: '1s',
  });
  assert.equal(planHash([{ name: 'main', load: other }], 1), hash);
});

test('every part of the offered load is in the hash', () => {
  const variants = [
    OPEN,
    { ...OPEN, arrival: { gamma: { cv: 2 } } },
    { ...OPEN, arrival: { gamma: { cv: 2.1 } } },
    { ...OPEN, rate: '200.1/s' },
    { ...OPEN, duration: '10.01s' },
    { ...OPEN, warmup: { duration: '1s' } },
    { ...OPEN, warmup: { duration: '2s' } },
    { ...OPEN, warmup: { iterations: 200 } },
    { executor: 'constant-vus', vus: 4, duration: '10s' },
    { executor: 'constant-vus', vus: 5, duration: '10s' },
    { executor: 'constant-vus', vus: 5, duration: '11s' },
    { executor: 'constant-vus', vus: 5, iterations: 11 },
    { executor: 'constant-vus', vus: 5, minDuration: '10s', minSamples: 11 },
    { executor: 'constant-vus', vus: 5, minDuration: '10s', minSamples: 12 },
    { executor: 'shared-iterations', vus: 5, iterations: 11, maxDuration: '1s' },
    { executor: 'shared-iterations', vus: 5, iterations: 15 },
    { executor: 'per-vu-iterations', vus: 5, iterations: 3 },
    { executor: 'ramping-vus', stages: [{ to: 5, duration: '1s' }] },
    { executor: 'ramping-vus', stages: [{ to: 6, duration: '1s' }] },
    { executor: 'ramping-vus', startVUs: 1, stages: [{ to: 5, duration: '1s' }] },
    { executor: 'ramping-vus', startVUs: 5, stages: [{ to: 5, duration: '1s' }] },
  ];
  const hashes = variants.map((source) => planHash([{ name: 'main', load: load(source) }], 1));
  assert.equal(new Set(hashes).size, variants.length);
});

test('the generator is pinned: a change of its version must change this hash', () => {
  assert.equal(
    planHash([{ name: 'main', load: poisson }], 42),
    '43fd2c27d146c20e1f69f04470992feadd4d46d0c420faaaf0e38d41cf60679e',
  );
});
