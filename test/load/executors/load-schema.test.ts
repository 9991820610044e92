import { Ajv2020 } from 'ajv/dist/2020.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { modelOf } from '../../../src/load/executors/registry.ts';
import { loadSchema, pacingOf } from '../../../src/load/executors/load-schema.ts';
import { EXECUTORS } from '../../../src/load/executors/registry.ts';

const OPEN_DEFAULTS = {
  arrival: 'constant',
  maxInFlight: 1000,
  whenLate: 'queue',
  pacing: 'precise',
};
const GRACEFUL = { gracefulStopNs: 30e9 };

function problems(source: unknown): string[] {
  const { error } = loadSchema.safeParse(source);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('each executor parses to plain data with units in its names', () => {
  assert.deepEqual(loadSchema.parse({ executor: 'shared-iterations', vus: 64, iterations: 500 }), {
    executor: 'shared-iterations',
    vus: 64,
    iterations: 500,
    ...GRACEFUL,
  });
  assert.deepEqual(
    loadSchema.parse({ executor: 'constant-vus', vus: 2, duration: '1m', gracefulStop: '0s' }),
    { executor: 'constant-vus', vus: 2, durationNs: 60e9, gracefulStopNs: 0 },
  );
  assert.deepEqual(
    loadSchema.parse({ executor: 'constant-arrival-rate', rate: '6000/min', duration: '2s' }),
    {
      executor: 'constant-arrival-rate',
      ratePerSecond: 100,
      durationNs: 2e9,
      ...OPEN_DEFAULTS,
      ...GRACEFUL,
    },
  );
  assert.deepEqual(
    loadSchema.parse({
      executor: 'ramping-arrival-rate',
      stages: [
        { to: '10/s', duration: '1s', name: 'up' },
        { to: '0/s', duration: '500ms' },
      ],
      maxLateness: '1s',
      latencyLimit: '20ms',
    }),
    {
      executor: 'ramping-arrival-rate',
      startRatePerSecond: 0,
      stages: [
        { toPerSecond: 10, durationNs: 1e9, name: 'up' },
        { toPerSecond: 0, durationNs: 5e8 },
      ],
      maxLatenessNs: 1e9,
      latencyLimitNs: 20e6,
      ...OPEN_DEFAULTS,
      ...GRACEFUL,
    },
  );
});

test('stages of VUs are whole numbers, and those of a rate are rates', () => {
  const stages = [
    { to: 10, duration: '20s', name: 'up' },
    { to: 0, duration: '10s' },
  ];
  assert.deepEqual(loadSchema.parse({ executor: 'ramping-vus', stages, gracefulRampDown: '0s' }), {
    executor: 'ramping-vus',
    startVus: 0,
    stages: [
      { toVus: 10, durationNs: 20e9, name: 'up' },
      { toVus: 0, durationNs: 10e9 },
    ],
    gracefulRampDownNs: 0,
    ...GRACEFUL,
  });
  const rates = [{ to: '10/s', duration: '1s' }];
  assert.deepEqual(problems({ executor: 'ramping-vus', stages: rates }), [
    'stages.0.to: Invalid input: expected number, received string',
  ]);
  const constant = { executor: 'constant-vus', duration: '1s' };
  for (const [executor, wrong, reason] of [
    ['ramping-vus', rates, 'ramping-vus takes a number of VUs in `to`'],
    ['ramping-arrival-rate', stages, 'ramping-arrival-rate takes a rate in `to`, such as 200/s'],
  ] as const) {
    assert.deepEqual(problems({ ...constant, warmup: { executor, stages: wrong } }), [
      `warmup.stages: ${reason}`,
    ]);
  }
  assert.deepEqual(problems({ executor: 'ramping-vus', stages: [{ to: 0, duration: '1s' }] }), [
    'stages: nobody runs: there are no VUs, or no stage takes any time',
  ]);
});

test('arrivals of a gamma process have a coefficient of variation', () => {
  const source = { executor: 'constant-arrival-rate', rate: '1/s', duration: '1s' };
  const gamma = (cv: unknown) => ({ ...source, arrival: { gamma: { cv } } });
  assert.deepEqual((loadSchema.parse(gamma(2)) as { arrival: unknown }).arrival, {
    gamma: { cv: 2 },
  });
  for (const wrong of [0, -1, 11, '2', undefined]) {
    assert.equal(loadSchema.safeParse(gamma(wrong)).success, false, String(wrong));
  }
});

test('defaults are one VU and one iteration', () => {
  const parsed = loadSchema.parse({ executor: 'shared-iterations' });
  assert.deepEqual(parsed, { executor: 'shared-iterations', vus: 1, iterations: 1, ...GRACEFUL });
});

test('a load needs exactly one end', () => {
  for (const shape of [
    { executor: 'constant-vus' },
    { executor: 'constant-arrival-rate', rate: '1/s' },
  ]) {
    assert.deepEqual(problems(shape), ['duration: the load needs an end: duration or iterations']);
    assert.deepEqual(problems({ ...shape, duration: '1s', iterations: 2 }), [
      'iterations: the load has two ends: duration or iterations, not both',
    ]);
  }
});

test('two minima end a load together, and neither alone', () => {
  const source = { executor: 'constant-vus', vus: 4 };
  assert.deepEqual(loadSchema.parse({ ...source, minDuration: '20s', minSamples: 2000 }), {
    executor: 'constant-vus',
    vus: 4,
    minima: { durationNs: 20e9, iterations: 2000 },
    ...GRACEFUL,
  });
  const both = 'minDuration and minSamples must both hold: give both';
  assert.deepEqual(problems({ ...source, minDuration: '20s' }), [`minSamples: ${both}`]);
  assert.deepEqual(problems({ ...source, minSamples: 5 }), [`minDuration: ${both}`]);
  assert.deepEqual(problems({ ...source, minDuration: '1s', minSamples: 5, duration: '1s' }), [
    'duration: the load has two ends: duration or the two minima, not both',
  ]);
  assert.deepEqual(
    problems({ ...source, duration: '1s', warmup: { minDuration: '1s', minSamples: 5 } }),
    [
      'warmup: Unrecognized keys: "minDuration", "minSamples"',
      'warmup.duration: a warm-up needs an end of its own: duration or iterations',
    ],
  );
});

test('minima end arrivals too, of a plan that is twice as long as they take', () => {
  const source = { executor: 'constant-arrival-rate', rate: '100/s' };
  const load = loadSchema.parse({ ...source, minDuration: '2s', minSamples: 1000 });
  const model = modelOf(load);
  assert.ok(model.kind === 'open');
  assert.deepEqual(model.minima, { durationNs: 2e9, iterations: 1000 });
  assert.equal(model.curve.durationNs, 2 * 10e9);
  assert.deepEqual(problems({ ...source, minSamples: 5 }), [
    'minDuration: minDuration and minSamples must both hold: give both',
  ]);
});

test('drop with maxLateness is refused, with the reason', () => {
  const source = {
    executor: 'constant-arrival-rate',
    rate: '1/s',
    duration: '1s',
    whenLate: 'drop',
    maxLateness: '1s',
  };
  assert.deepEqual(problems(source), [
    'maxLateness: has no meaning with whenLate: drop, which never keeps an arrival waiting',
  ]);
});

test('a flow waits for its arrivals in one way, warm-up included', () => {
  const source = { executor: 'constant-arrival-rate', rate: '1/s', duration: '1s' };
  const load = loadSchema.parse({ ...source, pacing: 'efficient', warmup: { duration: '1s' } });
  assert.equal(pacingOf(load), 'efficient');
  assert.deepEqual(problems({ ...source, warmup: { duration: '1s', pacing: 'efficient' } }), [
    'warmup: Unrecognized key: "pacing"',
  ]);
});

test('loads that would do nothing are refused', () => {
  const nothing = {
    'vus: at least one virtual user': { executor: 'constant-vus', vus: 0, duration: '1s' },
    'duration: longer than 0': { executor: 'constant-vus', duration: '0s' },
    'rate: a rate above 0': { executor: 'constant-arrival-rate', rate: '0/s', duration: '1s' },
    'stages: nothing arrives: the rate is 0, or no stage takes any time': {
      executor: 'ramping-arrival-rate',
      stages: [{ to: '100/s', duration: '0s' }],
    },
    'maxInFlight: at least one in flight': {
      executor: 'constant-arrival-rate',
      rate: '1/s',
      duration: '1s',
      maxInFlight: 0,
    },
  };
  for (const [problem, source] of Object.entries(nothing)) {
    assert.deepEqual(problems(source), [problem]);
  }
});

test('several problems are told at once', () => {
  const source = {
    executor: 'constant-arrival-rate',
    rate: '1/s',
    maxInFlight: 0,
    whenLate: 'drop',
    maxLateness: '1s',
    warmup: { stages: [] },
    colour: 'red',
  };
  const keys = new Set(problems(source).map((problem) => problem.split(':')[0]));
  assert.deepEqual(
    keys,
    new Set(['', 'duration', 'maxInFlight', 'maxLateness', 'warmup.duration', 'warmup.stages']),
  );
});

test('keys of another executor are unknown keys', () => {
  assert.deepEqual(problems({ executor: 'constant-vus', duration: '1s', rate: '1/s' }), [
    ': Unrecognized key: "rate"',
  ]);
});

test('a warm-up inherits everything but the end', () => {
  const { warmup } = loadSchema.parse({
    executor: 'constant-arrival-rate',
    rate: '200/s',
    duration: '2m',
    arrival: 'poisson',
    maxInFlight: 500,
    whenLate: 'drop',
    warmup: { duration: '5s' },
  });
  assert.deepEqual(warmup, {
    load: {
      executor: 'constant-arrival-rate',
      ratePerSecond: 200,
      durationNs: 5e9,
      arrival: 'poisson',
      maxInFlight: 500,
      whenLate: 'drop',
      pacing: 'precise',
    },
    durationNs: 5e9,
  });
});

test('a warm-up may ramp up to a constant rate', () => {
  const { warmup } = loadSchema.parse({
    executor: 'constant-arrival-rate',
    rate: '200/s',
    duration: '2m',
    maxInFlight: 500,
    warmup: {
      executor: 'ramping-arrival-rate',
      stages: [{ to: '200/s', duration: '30s' }],
      whenLate: 'drop',
    },
  });
  assert.equal(warmup!.durationNs, 30e9);
  assert.deepEqual(warmup!.load, {
    executor: 'ramping-arrival-rate',
    startRatePerSecond: 0,
    stages: [{ toPerSecond: 200, durationNs: 30e9 }],
    arrival: 'constant',
    maxInFlight: 500,
    whenLate: 'drop',
    pacing: 'precise',
  });
});

test('a warm-up with another late policy does not inherit half of the old one', () => {
  const { warmup } = loadSchema.parse({
    executor: 'constant-arrival-rate',
    rate: '200/s',
    duration: '2m',
    maxLateness: '1s',
    warmup: { duration: '5s', whenLate: 'drop' },
  });
  assert.equal('maxLatenessNs' in warmup!.load, false);
});

test('shared iterations may be warmed up for a time', () => {
  const source = { executor: 'shared-iterations', vus: 8, iterations: 100 };
  const byCount = loadSchema.parse({ ...source, warmup: { iterations: 10 } }).warmup;
  assert.deepEqual(byCount, {
    load: { executor: 'shared-iterations', vus: 8, iterations: 10 },
    iterations: 10,
  });
  const byTime = loadSchema.parse({ ...source, warmup: { duration: '5s', vus: 2 } }).warmup;
  assert.deepEqual(byTime, {
    load: { executor: 'constant-vus', vus: 2, durationNs: 5e9 },
    durationNs: 5e9,
  });
});

test('what a warm-up lacks or cannot have is named under warmup', () => {
  const ramp = { executor: 'ramping-arrival-rate', stages: [{ to: '9/s', duration: '1s' }] };
  assert.deepEqual(problems({ ...ramp, warmup: { duration: '3s' } }), [
    'warmup.duration: ramping-arrival-rate has no such key',
    'warmup.stages: a warm-up needs an end of its own: stages',
  ]);
  assert.deepEqual(
    problems({ ...ramp, warmup: { executor: 'constant-arrival-rate', duration: '1s' } }),
    ['warmup.rate: constant-arrival-rate needs it'],
  );
  assert.deepEqual(problems({ executor: 'shared-iterations', warmup: {} }), [
    'warmup.iterations: a warm-up needs an end of its own: iterations',
  ]);
});

test('the JSON Schema of the input accepts and refuses what the schema does', () => {
  const validate = new Ajv2020({ allErrors: true }).compile(
    z.toJSONSchema(loadSchema, { io: 'input' }),
  );
  const samples: [unknown, boolean][] = [
    [{ executor: 'shared-iterations' }, true],
    [{ executor: 'constant-vus', vus: 2, duration: '1m', warmup: { duration: '5s' } }, true],
    [{ executor: 'constant-vus', vus: 0, duration: '1m' }, false],
    [{ executor: 'constant-vus', duration: 60 }, false],
    [{ executor: 'constant-arrival-rate', rate: '5/s', duration: '1s', arrival: 'poisson' }, true],
    [{ executor: 'constant-arrival-rate', rate: '5', duration: '1s' }, false],
    [{ executor: 'constant-vus', duration: '1m', colour: 1 }, false],
    [{ executor: 'nobody' }, false],
  ];
  for (const [sample, good] of samples) {
    assert.equal(validate(sample), good, JSON.stringify(sample));
    assert.equal(loadSchema.safeParse(sample).success, good);
  }
});

test('every key has a description', () => {
  const { oneOf } = z.toJSONSchema(loadSchema, { io: 'input' }) as {
    oneOf: { properties: Record<string, { description?: string }> }[];
  };
  assert.equal(oneOf.length, Object.keys(EXECUTORS).length);
  for (const { properties } of oneOf) {
    for (const [key, { description }] of Object.entries(properties)) {
      assert.ok(description, `${key} has no description`);
    }
  }
});
