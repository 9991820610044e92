import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsCsv } from '../../../src/results/interchange/metrics-csv.ts';
import { intervalRow } from '../../../src/results/write/interval-row.ts';
import { openResult, planOf } from '../../reports/sample-results.ts';
import { RecordedTrial } from '../recorded-trial.ts';

test('there is a row per second, with empty cells for what is not known', () => {
  const recorded = new RecordedTrial(planOf(['embed']), { warmup: 1e9, measure: 2e9 });
  const row = recorded.second('measure', (second) => {
    for (let i = 1; i <= 90; i++) second.iteration({ responseNs: i * 512_000 });
    for (let i = 0; i < 10; i++) second.iteration({ outcome: 'timeout', responseNs: 2e9 });
  });
  const kept = intervalRow(row, {
    before: undefined,
    startedAt: '2026-11-22T10:34:28.000Z',
  });
  const result = { ...openResult(), labels: { component: '=cmd()', service: 'a,b' } };
  const [head, line, ...rest] = [...metricsCsv(result, [kept])].join('').split('\r\n');
  assert.deepEqual(rest, ['']);
  const names = head!.split(',');
  // The only comma inside a cell is that of the service.
  const cells = line!.replace('"a,b"', 'ab').split(',');
  const cell = (name: string) => cells[names.indexOf(name)];
  assert.equal(cells.length, names.length);
  assert.equal(cell('phase'), 'measure');
  assert.equal(cell('second'), '0');
  assert.equal(cell('component'), "'=cmd()");
  assert.equal(cell('throughput_value'), '90');
  assert.equal(Number(cell('latency_ms_p50')).toFixed(1), '25.6');
  assert.equal(cell('latency_ms_p99'), '');
  assert.equal(cell('errors_rate'), '0.1');
  assert.equal(cell('errors_timeouts'), '10');
  assert.equal(cell('resource_gpu_util'), '');
});
