import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseThreshold } from '../../../src/measure/thresholds/parse-threshold.ts';

function read(text: string) {
  const parsed = parseThreshold(text);
  assert.ok('threshold' in parsed, JSON.stringify(parsed));
  return parsed.threshold;
}

function problemOf(text: string) {
  const parsed = parseThreshold(text);
  assert.ok('problem' in parsed, `${text} was read as ${JSON.stringify(parsed)}`);
  return parsed.problem;
}

test('a threshold is read into its parts', () => {
  assert.deepEqual(read('response_time{step:embed,tenant:*} p(99.9) < 250ms'), {
    text: 'response_time{step:embed,tenant:*} p(99.9) < 250ms',
    metric: 'response_time',
    tags: { step: 'embed', tenant: '*' },
    aggregate: { kind: 'percentile', percent: 99.9 },
    operator: '<',
    value: 250e6,
    unit: 'ns',
    perSecond: false,
  });
});

test('every threshold of the scenario language can be read', () => {
  const all = [
    'error_rate < 0.1%',
    'response_time p(99) < 250ms',
    'error_rate == 0%',
    'goodput share >= 99%',
    'unsent share < 0.1%',
    'response_time{params.tokens:32,level:high} p(99) < 250ms',
    'error_rate{target:*} == 0%',
    'response_time{target:*} p(90) < 500ms',
    'operations{outcome:timeout} share < 0.1%',
    'server_queue_time{params.batch:1} avg < 2ms',
    'items{params.batch:32,load.vus:16} rate >= 400/s',
    'ttft{promptLength:512..} p(90) < 1s',
    'retries{step:tpcb} share < 1%',
    'recall@10{params.ef:128} avg >= 0.95',
    'recall@10{params.ef:128} p(5) >= 0.8',
    'ready_time{phase:prepare,state:indexed} max < 10m',
    'iteration_response_time p(95) < 12s',
    'real_time_factor{step:transcribe} last >= 20',
    'wer{step:transcribe} avg < 12%',
    'response_time{step:transcribe,length:15..30} p(95) < 4s',
  ];
  for (const text of all) read(text);
});

test('blanks may stand anywhere between the parts', () => {
  const { text: _, ...spaced } = read('  response_time { step : embed , x:y }  p( 99 )<250ms ');
  const { text: __, ...dense } = read('response_time{step:embed,x:y}p(99)<250ms');
  assert.deepEqual(spaced, dense);
});

test('values are read in the units of the metrics', () => {
  const value = (written: string) => {
    const { value: amount, unit, perSecond } = read(`x count < ${written}`);
    return [amount, unit, perSecond];
  };
  assert.deepEqual(value('1m30s'), [90e9, 'ns', false]);
  assert.deepEqual(value('1.5ms'), [1.5e6, 'ns', false]);
  assert.deepEqual(value('0.1%'), [0.001, 'ratio', false]);
  assert.deepEqual(value('0.95'), [0.95, 'number', false]);
  assert.deepEqual(value('400/s'), [400, 'number', true]);
  assert.deepEqual(value('6000/min'), [100, 'number', true]);
  assert.deepEqual(value('64KiB'), [65_536, 'bytes', false]);
  assert.deepEqual(value('10MB/s'), [1e7, 'bytes', true]);
  assert.deepEqual(value('250 ms'), [250e6, 'ns', false]);
});

test('med is the 50th percentile', () => {
  assert.deepEqual(read('ttft med < 1s').aggregate, { kind: 'percentile', percent: 50 });
});

test('a mistake is told with its place and what to write', () => {
  const cases: [string, number, RegExp, RegExp][] = [
    ['', 0, /name of a metric/, /for example/],
    ['p(99) < 1s', 1, /operator|one of/, /for example/],
    ['response_time p99 < 1s', 14, /p99 is no aggregate/, /write p\(99\)/],
    ['response_time mean < 1s', 14, /mean is no aggregate/, /avg/],
    ['response_time p(99) = 1s', 20, /one of < <= > >= == !=/, /write ==/],
    ['response_time p(99) <', 21, /expected a value/, /250ms/],
    ['response_time p(99) < fast', 22, /found fast/, /250ms/],
    ['response_time p(100) < 1s', 16, /below 100/, /max/],
    ['response_time p(99 < 1s', 19, /expected "\)"/, /p\(99\)/],
    ['response_time{step=embed} p(99) < 1s', 18, /expected ":" after the tag step/, /step:value/],
    ['response_time{step:} p(99) < 1s', 19, /expected a value of the tag step/, /\*/],
    ['response_time{step:a,step:b} p(99) < 1s', 25, /stands twice/, /once/],
    ['response_time{step:a p(99) < 1s', 31, /expected "," or "}"/, /step:embed/],
    ['error_rate < 1%/s', 13, /found 1%\/s/, /0\.1%/],
  ];
  for (const [text, offset, message, hint] of cases) {
    const problem = problemOf(text);
    assert.match(problem.message, message, text);
    assert.match(problem.hint, hint, text);
    assert.equal(problem.offset, offset, `${text}: ${problem.message}`);
  }
});
