import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePrometheusText } from '../../../src/measure/monitors/prometheus-text.ts';

test('the example of the format’s own description is read as it means', () => {
  // From github.com/prometheus/docs, content/docs/instrumenting/exposition_formats.md.
  const page = parsePrometheusText(`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.5"} 4773
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`);
  assert.equal(page.rejectedLines, 0);
  const read = page.samples.map(({ name, labels, value, type }) => [name, labels, value, type]);
  assert.deepEqual(read, [
    ['http_requests_total', { method: 'post', code: '200' }, 1027, 'counter'],
    ['http_requests_total', { method: 'post', code: '400' }, 3, 'counter'],
    [
      'msdos_file_access_time_seconds',
      { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
      1.458255915e9,
      'untyped',
    ],
    ['metric_without_timestamp_and_labels', {}, 12.47, 'untyped'],
    ['something_weird', { problem: 'division by zero' }, Infinity, 'untyped'],
    ['http_request_duration_seconds_bucket', { le: '0.05' }, 24054, 'histogram'],
    ['http_request_duration_seconds_bucket', { le: '+Inf' }, 144320, 'histogram'],
    ['http_request_duration_seconds_sum', {}, 53423, 'histogram'],
    ['http_request_duration_seconds_count', {}, 144320, 'histogram'],
    ['rpc_duration_seconds', { quantile: '0.5' }, 4773, 'summary'],
    ['rpc_duration_seconds_sum', {}, 1.7560473e7, 'summary'],
    ['rpc_duration_seconds_count', {}, 2693, 'summary'],
  ]);
});

test('what is not of the format is counted and gives no sample', () => {
  const bad = [
    '<html><body>404</body></html>',
    'name',
    'name 1 2 3',
    'name 0x10',
    'name twelve',
    'name{label} 1',
    'name{label="a" other="b"} 1',
    'name{label="open} 1',
    '2name 1',
  ];
  const { samples, rejectedLines } = parsePrometheusText(bad.join('\n'));
  assert.deepEqual(samples, []);
  assert.equal(rejectedLines, bad.length);
});

test('blanks, carriage returns and a comma behind the last label are allowed', () => {
  const { samples } = parsePrometheusText('a {x = "1" , y="2",} 3\r\n\tb 4\r\nc 5\r\n');
  assert.deepEqual(
    samples.map(({ name, labels, value }) => [name, labels, value]),
    [
      ['a', { x: '1', y: '2' }, 3],
      ['c', {}, 5],
    ],
  );
});
