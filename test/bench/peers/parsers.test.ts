/** On what the tools really printed: nginx on loopback, some runs against paths that are not there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ab } from '../../../bench/peers/ab.ts';
import { autocannon } from '../../../bench/peers/autocannon.ts';
import { ghz } from '../../../bench/peers/ghz.ts';
import { hey } from '../../../bench/peers/hey.ts';
import { k6 } from '../../../bench/peers/k6.ts';
import { oha } from '../../../bench/peers/oha.ts';
import { wrk } from '../../../bench/peers/wrk.ts';
import { wrk2 } from '../../../bench/peers/wrk2.ts';

const printed = (file: string): string =>
  readFileSync(new URL(`../../fixtures/bench/${file}`, import.meta.url), 'utf8');

test('wrk prints latencies in µs, ms and s, which become milliseconds', () => {
  assert.deepEqual(wrk.parse(printed('wrk.txt')), {
    requests: 76_559,
    perSecond: 37_147.34,
    failed: 0,
    latencyMs: { p50: 0.93, p90: 4.54, p99: 20.28, max: 56.49 },
  });
  const { latencyMs } = wrk.parse(printed('wrk-errors.txt'));
  assert.deepEqual(latencyMs, { p50: 0.157, p90: 11.12, p99: 56.82, max: 73.65 });
});

test('bad statuses and lost connections that wrk reports are failures', () => {
  assert.equal(wrk.parse(printed('wrk-errors.txt')).failed, 15_723);
  assert.equal(wrk.parse(printed('wrk-closed.txt')).failed, 1_289);
});

test('wrk2 prints a spectrum, with blanks behind whole seconds and bad statuses like wrk', () => {
  assert.deepEqual(wrk2.parse(printed('wrk2.txt')), {
    requests: 1_901,
    perSecond: 937.52,
    failed: 0,
    latencyMs: { p50: 2.79, p90: 30.22, p99: 83.07, max: 104.13 },
  });
  const { latencyMs } = wrk2.parse(printed('wrk2-closed.txt'));
  assert.deepEqual(latencyMs, { p50: 617.98, p90: 1570, p99: 1860, max: 1990 });
  assert.equal(wrk2.parse(printed('wrk2-errors.txt')).failed, 954);
});

test('ab prints whole milliseconds and counts bad statuses apart', () => {
  assert.deepEqual(ab.parse(printed('ab.txt')), {
    requests: 81_897,
    perSecond: 40_947.76,
    failed: 0,
    latencyMs: { p50: 1, p90: 2, p99: 5, max: 66 },
  });
  assert.equal(ab.parse(printed('ab-errors.txt')).failed, 38_151);
});

test('ghz prints its percentiles with their units, and none where no call was answered', () => {
  assert.deepEqual(ghz.parse(printed('ghz.txt')), {
    requests: 49,
    perSecond: 152.27,
    failed: 0,
    latencyMs: { p50: 15.56, p90: 43.83, p99: 98.99, max: 98.99 },
  });
  assert.deepEqual(ghz.parse(printed('ghz-errors.txt')), {
    requests: 64,
    perSecond: 296.71,
    failed: 64,
    latencyMs: { p50: null, p90: null, p99: null, max: null },
  });
});

test('hey prints seconds behind two percent signs, and one in older versions', () => {
  const expected = {
    requests: 23_639,
    perSecond: 23_639 / 2.0021,
    failed: 0,
    latencyMs: { p50: 3.9, p90: 9.5, p99: 28.8, max: 0.1552 * 1000 },
  };
  assert.deepEqual(hey.parse(printed('hey.txt')), expected);
  assert.deepEqual(hey.parse(printed('hey.txt').replaceAll('%%', '%')), expected);
});

test('hey counts refused connections into its requests a second, and the parser does not', () => {
  assert.equal(hey.parse(printed('hey-errors.txt')).failed, 5_605);
  assert.deepEqual(hey.parse(printed('hey-refused.txt')), {
    requests: 0,
    perSecond: 0,
    failed: 5_298,
    latencyMs: { p50: null, p90: null, p99: null, max: null },
  });
});

test('autocannon counts bad statuses among its requests', () => {
  assert.deepEqual(autocannon.parse(printed('autocannon.json')), {
    requests: 22_901,
    perSecond: 22_901 / 2.04,
    failed: 0,
    latencyMs: { p50: 4, p90: 7, p99: 22, max: 188 },
  });
  const failing = autocannon.parse(printed('autocannon-errors.json'));
  assert.deepEqual([failing.requests, failing.failed], [4_096, 4_096]);
});

test('k6 says in its summary what it failed and what it never sent', () => {
  const closed = k6.parse(printed('k6.json'));
  assert.equal(closed.requests, 7_967);
  assert.equal(closed.failed, 0);
  assert.equal(closed.dropped, 0);
  assert.equal(closed.latencyMs.p50, 10.816047);
  assert.equal(closed.latencyMs.max, 135.611603);
  const open = k6.parse(printed('k6-errors.json'));
  assert.deepEqual([open.requests, open.failed, open.dropped], [1_279, 1_279, 28_700]);
});

test('oha prints seconds, and what it cut off at its end has not failed', () => {
  const closed = oha.parse(printed('oha.json'));
  assert.deepEqual(closed, {
    requests: 67_166,
    perSecond: 67_166 / 2.012185464,
    failed: 0,
    latencyMs: {
      p50: 0.001718525 * 1000,
      p90: 0.002991497 * 1000,
      p99: 0.006587442 * 1000,
      max: 0.01698528 * 1000,
    },
  });
  assert.equal(oha.parse(printed('oha-open.json')).requests, 998);
  const failing = oha.parse(printed('oha-errors.json'));
  assert.deepEqual([failing.requests, failing.failed], [1_395, 1_395]);
  assert.deepEqual(oha.parse(printed('oha-refused.json')), {
    requests: 0,
    perSecond: 0,
    failed: 19_827,
    latencyMs: { p50: null, p90: null, p99: null, max: null },
  });
});

test('output that is not that of a finished run is refused and not read as zero', () => {
  assert.throws(() => wrk.parse(printed('wrk-refused.txt')), /no .*requests in/);
  assert.throws(() => wrk2.parse(printed('wrk-refused.txt')), /no .*requests in/);
  assert.throws(() => wrk2.parse(printed('wrk.txt')), /no .*50/);
  assert.throws(() => ab.parse('apr_socket_connect(): Connection refused (111)'), /no /);
  assert.throws(() => hey.parse(''), /no /);
  assert.throws(() => autocannon.parse(''));
  assert.throws(() => k6.parse('{}'));
  assert.throws(() => oha.parse('{}'));
});
