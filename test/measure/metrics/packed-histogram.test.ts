import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LAYOUTS } from '../../../src/measure/metrics/histogram-layout.ts';
import { Histogram } from '../../../src/measure/metrics/histogram.ts';
import { PackedHistogram } from '../../../src/measure/metrics/packed-histogram.ts';

test('a packed histogram is the same again, and goes on counting', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }));
  const layouts = fc.constantFrom(...Object.values(LAYOUTS));
  fc.assert(
    fc.property(layouts, values, values, (layout, before, after) => {
      const histogram = new Histogram(layout);
      for (const value of before) histogram.record(value);
      const packed = new PackedHistogram(histogram);
      const unpacked = packed.unpack();
      assert.deepEqual(unpacked.toRecord(), histogram.toRecord());
      for (const value of after) {
        histogram.record(value);
        unpacked.record(value);
      }
      assert.deepEqual(unpacked.toRecord(), histogram.toRecord());
    }),
  );
});
