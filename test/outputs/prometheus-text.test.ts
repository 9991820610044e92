import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { prometheusText } from '../../src/outputs/prometheus/prometheus-text.ts';
import { sampleSeconds } from './sample-seconds.ts';

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

test('a text has what was counted since the trial began, with buckets that add up', () => {
  const text = prometheusText(sampleSeconds().at(-1)!);
  const value = (series: string): number => {
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return Number(line?.split(' ').at(-1));
  };
  const labels = (step: string, outcome: string): string =>
    `{scenario="two\\\\steps",trial="1",load_vus="4",flow="main",step="${step}",target="embeddings",outcome="${outcome}",phase="measure"`;
  assert.equal(value(`loadgen_operations_total${labels('embed', 'ok')}}`), 400);
  assert.equal(value(`loadgen_operations_total${labels('search \\"1\\"', 'timeout')}}`), 7);
  const search = labels('search \\"1\\"', 'ok');
  const bucket = (le: string): number =>
    value(`loadgen_response_time_seconds_bucket${search},le="${le}"}`);
  assert.equal(bucket('0.001'), 0);
  assert.equal(bucket('0.0025'), 393);
  assert.equal(bucket('+Inf'), 393);
  assert.equal(value(`loadgen_response_time_seconds_count${search}}`), 393);
  assert.ok(Math.abs(value(`loadgen_response_time_seconds_sum${search}}`) - 0.786) < 1e-9);
});

test(
  'promtool finds nothing to correct',
  { skip: hasPromtool ? false : 'promtool is not installed (apt-get install prometheus)' },
  () => {
    const input = prometheusText(sampleSeconds().at(-1)!, [
      { name: 'otlp', unit: 'exports', accepted: 1, delivered: 0, dropped: 1, lastError: null },
    ]);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    assert.equal(stdout + stderr, '');
    assert.equal(status, 0);
  },
);
