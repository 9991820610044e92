import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { LAYOUTS } from '../../../src/measure/metrics/histogram-layout.ts';
import { Histogram } from '../../../src/measure/metrics/histogram.ts';
import { intervalLogHeader, intervalLogLine } from '../../../src/measure/metrics/interval-log.ts';
import { readIntervalLog } from '../../../src/measure/metrics/read-interval-log.ts';

function histogramOf(values: readonly number[], layout = LAYOUTS.standard): Histogram {
  const histogram = new Histogram(layout);
  for (const value of values) histogram.record(value);
  return histogram;
}

const START_MS = 1_795_343_666_123;
const response = histogramOf([250_000, 1_000_000, 1_000_100, 80_000_000, 3_000_000_000]);
const lag = histogramOf([17, 900, 12_345, 2_000_000], LAYOUTS.fine);
const entries = [
  { tag: 'response_time{step=embed}', startSeconds: 0, lengthSeconds: 1, histogram: response },
  { tag: 'pacer_lag{flow=main}', startSeconds: 0, lengthSeconds: 1, histogram: lag },
  { tag: 'response_time{step=embed}', startSeconds: 1, lengthSeconds: 0.25, histogram: lag },
];
const text = intervalLogHeader(START_MS) + entries.map(intervalLogLine).join('');

test('the log is one that the reader of HdrHistogram reads', () => {
  const reader = new HistogramLogReader(text, 64);
  const found = reader.nextIntervalHistogram()!;
  assert.equal(found.tag, 'response_time{step=embed}');
  assert.equal(found.startTimeStampMsec, START_MS);
  assert.equal(found.endTimeStampMsec, START_MS + 1_000);
  assert.equal(found.totalCount, 5);
  // The library gives the highest value of the cell, which may lie above the largest recorded.
  for (const percent of [20, 40, 60, 80]) {
    assert.equal(found.getValueAtPercentile(percent), response.percentile(percent));
  }
  assert.ok(Math.abs(found.getValueAtPercentile(100) / response.max - 1) < 1 / 1_000);
  const second = reader.nextIntervalHistogram()!;
  assert.equal(second.getValueAtPercentile(50), lag.percentile(50));
  const third = reader.nextIntervalHistogram()!;
  assert.equal(third.startTimeStampMsec, START_MS + 1_000);
  assert.equal(third.endTimeStampMsec, START_MS + 1_250);
  assert.equal(reader.nextIntervalHistogram(), null);
  assert.deepEqual(listTags(text), ['response_time{step=embed}', 'pacer_lag{flow=main}']);
});

test('what is read back has the same cells, times and tags', () => {
  const read = readIntervalLog(text, 'histograms.hlog');
  assert.deepEqual(
    read.map(({ histogram, ...rest }) => ({ ...rest, cells: histogram.toRecord().cells })),
    entries.map(({ histogram, ...rest }) => ({ ...rest, cells: histogram.toRecord().cells })),
  );
  assert.equal(read[1]!.histogram.layout, LAYOUTS.fine);
  assert.ok(Math.abs(read[0]!.histogram.mean / response.mean - 1) < 1 / 1_000);
});

test('a line that a kill has torn is left out, at whatever character', () => {
  const complete = intervalLogHeader(START_MS) + intervalLogLine(entries[0]!);
  const torn = intervalLogLine(entries[1]!);
  for (let length = 0; length < torn.length; length += 7) {
    assert.equal(readIntervalLog(complete + torn.slice(0, length), 'x.hlog').length, 1);
  }
});

test('a damaged line in the middle is told with the path', () => {
  const damaged = text.replace(/HISTF/, 'XXXXX');
  assert.throws(() => readIntervalLog(damaged, 'run/histograms.hlog'), {
    code: 'RESULT_NOT_READABLE',
    message: /run\/histograms\.hlog/,
  });
});

test('an empty histogram keeps its line', () => {
  const line = intervalLogLine({ ...entries[0]!, histogram: new Histogram() });
  assert.equal(readIntervalLog(line, 'x.hlog')[0]!.histogram.count, 0);
});

test('a tag that would break the line is refused', () => {
  assert.throws(() => intervalLogLine({ ...entries[0]!, tag: 'a,b' }), { code: 'BUG' });
});
