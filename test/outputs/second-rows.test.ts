import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondRows } from '../../src/outputs/second-rows.ts';
import { statsdLines } from '../../src/outputs/statsd/statsd-lines.ts';
import { sampleSeconds } from './sample-seconds.ts';

test('a second has a row over all, and one a step, with what happened in it alone', () => {
  const [whole, embed, search] = secondRows(sampleSeconds()[1]!);
  assert.deepEqual(
    [whole, embed, search].map((row) => [row!['step'], row!['attempted'], row!['failed']]),
    [
      ['', 400, 7],
      ['embed', 200, 0],
      ['search "1"', 200, 7],
    ],
  );
  assert.equal(whole!['second'], 1);
  assert.equal(whole!['point'], 'load.vus=4');
  assert.equal(embed!['due'], null, 'an iteration belongs to no step');
  assert.ok(Math.abs((search!['response_time_p50_ms'] as number) - 2) < 0.002);
  assert.equal(search!['response_time_p99_ms'], null, 'too few samples for it');
  assert.deepEqual(Object.keys(whole!), Object.keys(search!));
});

test('StatsD names hold phase and step, or tags do; no name can break out of its line', () => {
  const [, , search] = secondRows(sampleSeconds()[1]!);
  const plain = statsdLines({ ...search!, step: 'a|c\nb:1' }, { prefix: 'lg', tags: 'none' });
  assert.ok(plain.includes('lg.measure.a_c_b_1.failed:7|c'), plain.join('\n'));
  const tagged = statsdLines({ ...search!, step: 'a,b|#c' }, { prefix: 'lg', tags: 'dogstatsd' });
  const tags = 'scenario:two_steps,trial:1,phase:measure,step:a_b__c';
  assert.ok(tagged.includes(`lg.failed:7|c|#${tags}`), tagged.join('\n'));
  for (const line of plain) assert.match(line, /^lg(\.[\w-]+)+:\d+(\.\d+)?\|[cg]$/);
});
