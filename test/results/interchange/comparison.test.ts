import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import { measuredSource } from '../../../src/reports/measured-source.ts';
import { writeComparison } from '../../../src/results/interchange/comparison.ts';
import type { ServerUse } from '../../../src/results/interchange/server-use.ts';
import { comparisonSchema } from '../../../src/results/schema/comparison.ts';
import type { Result } from '../../../src/results/schema/result.ts';
import { closedResult, openResult, tinyResult } from '../../reports/sample-results.ts';

const MACHINE = {
  ...{ host: 'here', platform: 'linux', architecture: 'x64' },
  ...{ cpu: 'A processor', cores: 8, memoryBytes: 64 * 2 ** 30 },
};
const PATH = 'comparison/acme-hash-384/node.json';

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'loadgen-comparison-'));
});
afterEach(() => rmSync(results, { recursive: true, force: true }));

test('a target with the labels framework and model gets a file by their names', () => {
  assert.deepEqual(write({ ...tinyResult(), scenario: 'single' }), [join(results, PATH)]);
  const comparison = read();
  assert.equal(comparison.framework, 'node');
  assert.equal(comparison.model, 'acme/hash-384');
  assert.deepEqual(comparison.system_info, { cpu: 'A processor', cores: 8, memory_gb: 64 });
  assert.equal(comparison.model_load_time_ms, null);
  const { single } = comparison.scenarios;
  assert.equal(single?.concurrency, 64);
  assert.equal(single.num_requests, 9);
  assert.equal(single.throughput_qps, 9);
  // (1 + … + 9) ms ÷ 9
  assert.equal(single.latency_ms.mean, 5);
  assert.deepEqual(single.thin, ['p50', 'p95', 'p99', 'p999']);
});

test('a second scenario joins the file, the same one again takes its own place', () => {
  write({ ...tinyResult(), scenario: 'single' }, { modelLoadTimeMs: 812, peakMemoryMb: 300 });
  write({ ...closedResult(), scenario: 'high', axes: {} }, { peakMemoryMb: 250 });
  write({ ...closedResult(), scenario: 'single', axes: {} });
  const comparison = read();
  assert.deepEqual(Object.keys(comparison.scenarios).toSorted(), ['high', 'single']);
  assert.equal(comparison.scenarios['single']?.num_requests, 1_800);
  assert.equal(comparison.model_load_time_ms, 812);
  assert.equal(comparison.peak_memory_mb, 300);
});

test('the points of a sweep stand beside each other', () => {
  write(closedResult());
  assert.deepEqual(Object.keys(read().scenarios), ['embed_closed params.tokens=128 level=high']);
});

test('without both labels, and for a run that did not end by itself, nothing is written', () => {
  const [target] = openResult().targets;
  write({ ...openResult(), targets: [{ ...target!, labels: { framework: 'node' } }] });
  write({ ...openResult(), state: 'interrupted' });
  assert.ok(!existsSync(join(results, 'comparison')));
});

test('the machine of a server elsewhere is not known', () => {
  const [target] = openResult().targets;
  write({ ...openResult(), targets: [{ ...target!, url: 'http://10.0.0.7:8000' }] });
  assert.deepEqual(read().system_info, { cpu: null, cores: null, memory_gb: null });
});

test('labels with path tricks stay inside the comparison folder', () => {
  const [target] = openResult().targets;
  const labels = { framework: '../../../etc/cron', model: '..' };
  const paths = write({ ...openResult(), targets: [{ ...target!, labels }] });
  assert.deepEqual(paths, [join(results, 'comparison/unnamed/etc-cron.json')]);
});

test('a file of another model, or of something else, is left as it is', () => {
  const path = join(results, PATH);
  const [target] = openResult().targets;
  write({ ...openResult(), targets: [{ ...target!, labels: { framework: 'node', model: 'acme-hash-384' } }] });
  const other = readFileSync(path, 'utf8');
  assert.throws(() => write(openResult()), isNotWritable(/comparison of node with the model acme-hash-384/));
  assert.equal(readFileSync(path, 'utf8'), other);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '{"mine": true}');
  assert.throws(() => write(openResult()), isNotWritable(/no comparison file/));
  assert.equal(readFileSync(path, 'utf8'), '{"mine": true}');
});

function write(result: Result, use: Partial<ServerUse> = {}): string[] {
  const unknown = { modelLoadTimeMs: null, peakMemoryMb: null, cpuUtilizationPercent: null };
  return writeComparison({
    resultsFolder: results,
    result,
    source: measuredSource(result),
    timestamp: '2026-11-22T10:34:26.000Z',
    machine: MACHINE,
    use: { embeddings: { ...unknown, ...use } },
  });
}

function read() {
  return comparisonSchema.parse(JSON.parse(readFileSync(join(results, PATH), 'utf8')));
}

function isNotWritable(message: RegExp) {
  return (thrown: unknown): boolean => {
    assert.ok(thrown instanceof LoadgenError && thrown.code === 'RESULTS_NOT_WRITABLE');
    assert.match(thrown.message, message);
    return true;
  };
}
