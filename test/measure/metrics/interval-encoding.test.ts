import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { LAYOUTS, rangeOf } from '../../../src/measure/metrics/histogram-layout.ts';
import { Histogram } from '../../../src/measure/metrics/histogram.ts';
import { encodeHistogram } from '../../../src/measure/metrics/interval-encoding.ts';

const layouts = fc.constantFrom(...Object.values(LAYOUTS));
const samples = fc.array(
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 2 ** 40 })),
  { maxLength: 300 },
);

/** The header's fields and the counts. */
function parts(encoded: string): { header: unknown[]; counts: Buffer } {
  const bytes = inflateSync(Buffer.from(encoded, 'base64').subarray(8));
  const [cookie, length, indexOffset, digits] = [0, 4, 8, 12].map((at) => bytes.readInt32BE(at));
  const bounds = [bytes.readBigInt64BE(16), bytes.readBigInt64BE(24)];
  const counts = bytes.subarray(40, 40 + length!);
  return { header: [cookie, indexOffset, digits, ...bounds, bytes.readDoubleBE(32)], counts };
}

/** Without an empty cell at the end, which the library writes now and then and nobody needs. */
function trimmed(counts: Buffer): Buffer {
  return counts.at(-1) === 0 ? counts.subarray(0, -1) : counts;
}

test('the counts are those that the library of HdrHistogram writes of the same values', () => {
  fc.assert(
    fc.property(layouts, samples, (layout, drawn) => {
      const ours = new Histogram(layout);
      const theirs = build({
        lowestDiscernibleValue: layout.lowestDiscernibleNs,
        highestTrackableValue: layout.highestTrackableNs,
        numberOfSignificantValueDigits: 3,
        bitBucketSize: 64,
      });
      for (const [share, count] of drawn) {
        const value = Math.floor(layout.highestTrackableNs ** share);
        ours.record(value / layout.unitsPerOne, count);
        theirs.recordValueWithCount(value, count);
      }
      const encoded = encodeHistogram(ours);
      const expected = encodeIntoCompressedBase64(theirs);
      assert.deepEqual(trimmed(parts(encoded).counts), trimmed(parts(expected).counts));
      assert.equal(encoded.slice(0, 5), expected.slice(0, 5), 'the cookie');
    }),
  );
});

test('the header is that of the format: no offset of the index, a ratio of one', () => {
  // The library leaves its own marks in these two fields, which readers pass over.
  assert.deepEqual(parts(encodeHistogram(new Histogram(LAYOUTS.fine))).header, [
    0x1c849313,
    0,
    3,
    16n,
    100_000_000_000n,
    1,
  ]);
});

test('a histogram that uses every cell needs more room and is read back whole', () => {
  const histogram = new Histogram(LAYOUTS.standard);
  for (let cell = 0; cell < LAYOUTS.standard.cellCount - 1; cell++) {
    histogram.record(rangeOf(cell, LAYOUTS.standard).from, 1 + (cell % 5) * 1e9);
  }
  const decoded = decodeFromCompressedBase64(encodeHistogram(histogram), 64);
  assert.equal(decoded.totalCount, histogram.count);
  for (const percent of [1, 50, 99]) {
    assert.equal(decoded.getValueAtPercentile(percent), histogram.percentile(percent));
  }
});
