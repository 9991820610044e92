import assert from 'node:assert/strict';
import { Histogram } from '../../src/measure/metrics/histogram.ts';
import { LAYOUTS } from '../../src/measure/metrics/histogram-layout.ts';
import { FAILED_OUTCOMES } from '../../src/measure/metrics/outcome.ts';
import type { Result } from '../../src/results/schema/result.ts';
import type { Sample } from './sample-log.ts';

const VALUES: Readonly<Record<string, (sample: Sample) => number>> = {
  response_time: ({ done, intended }) => done - intended,
  service_time: ({ done, sent }) => done - sent,
  write_lag: ({ sent, granted }) => sent - granted,
  send_lag: ({ sent, intended }) => sent - intended,
  receive_error: ({ done, free, sent }) => done - Math.max(free, sent),
  'slot_wait cap': ({ acquired, picked }) => acquired - picked,
  'slot_wait connect': ({ granted, acquired }) => granted - acquired,
};

/** Holds every histogram that follows from stamps against the raw log, cell for cell. */
export function assertRecount(result: Result, samples: readonly Sample[]): void {
  let compared = 0;
  for (const { metric, tags, histogram } of result.series) {
    const valueOf = VALUES[metric === 'slot_wait' ? `slot_wait ${tags['wait']}` : metric];
    if (histogram === undefined || valueOf === undefined) continue;
    const recount = new Histogram(LAYOUTS[histogram.resolution]);
    for (const sample of samples) {
      if (sample.phase !== tags['phase'] || !isOutcome(sample, tags['outcome'])) continue;
      const value = valueOf(sample);
      if (!Number.isNaN(value)) recount.record(value);
    }
    const { cells, count, min, max } = recount.toRecord();
    const { cells: theirs, count: n, min: least, max: most } = histogram;
    const where = `${metric} ${JSON.stringify(tags)}`;
    assert.deepEqual(
      { n, least, most, theirs },
      { n: count, least: min, most: max, theirs: cells },
      where,
    );
    compared += count;
  }
  assert.ok(compared > 5 * samples.length, `only ${compared} values were compared`);
}

function isOutcome({ outcome }: Sample, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === outcome) return true;
  return wanted === 'failed' && (FAILED_OUTCOMES as readonly string[]).includes(outcome);
}
