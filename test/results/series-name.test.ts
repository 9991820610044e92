import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSeriesName, seriesName } from '../../src/results/series-name.ts';

const word = fc.string({ unit: 'grapheme', minLength: 1 });

test('a name is one word and gives back the series, whatever its tags hold', () => {
  fc.assert(
    fc.property(word, fc.dictionary(word, fc.string({ unit: 'grapheme' })), (metric, tags) => {
      const name = seriesName(metric, tags);
      assert.match(name, /^[^\s,"]+$/);
      assert.deepEqual(parseSeriesName(name), { metric, tags: { ...tags } });
    }),
  );
});

test('the order of tags does not matter', () => {
  const one = seriesName('response_time', { step: 'embed', phase: 'measure' });
  assert.equal(one, 'response_time{phase=measure;step=embed}');
  assert.equal(seriesName('response_time', { phase: 'measure', step: 'embed' }), one);
});

test('other texts are no names', () => {
  for (const text of ['', 'a', 'a{', '{}', 'a{b}', 'a{b=%}', 'a{b=c}d']) {
    assert.equal(parseSeriesName(text), undefined, text);
  }
});
