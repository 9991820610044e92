import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { build, type JsHistogram } from 'hdr-histogram-js';
import {
  cellOf,
  LAYOUTS,
  rangeOf,
  type HistogramLayout,
} from '../../../src/measure/metrics/histogram-layout.ts';

function referenceOf(layout: HistogramLayout): JsHistogram {
  return build({
    lowestDiscernibleValue: layout.lowestDiscernibleNs,
    highestTrackableValue: layout.highestTrackableNs,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
    autoResize: false,
  }) as JsHistogram;
}

/** Values of every magnitude up to `highest`, with many at the edges of cells. */
function valuesUpTo(highest: number): fc.Arbitrary<number> {
  const anywhere = fc
    .double({ min: 0, max: Math.log2(highest), noNaN: true })
    .map((exponent) => Math.min(highest, Math.floor(2 ** exponent)));
  const atEdges = fc
    .tuple(
      fc.integer({ min: 4, max: Math.floor(Math.log2(highest)) - 1 }),
      fc.integer({ min: -2, max: 2 }),
    )
    .map(([exponent, distance]) => Math.max(0, 2 ** exponent + distance));
  return fc.oneof(anywhere, atEdges, fc.integer({ min: 0, max: 2_000_000 }));
}

for (const layout of Object.values(LAYOUTS)) {
  test(`the ${layout.resolution} layout has exactly the cells of HdrHistogram`, () => {
    const reference = referenceOf(layout);
    assert.equal(layout.cellCount, reference.countsArrayLength);
    fc.assert(
      fc.property(valuesUpTo(layout.highestTrackableNs), (valueNs) => {
        assert.equal(cellOf(valueNs, layout), reference.countsArrayIndex(valueNs));
      }),
      { numRuns: 20_000 },
    );
  });

  test(`the ${layout.resolution} layout gives each cell the range of HdrHistogram`, () => {
    const reference = referenceOf(layout);
    for (let cell = 0; cell < layout.cellCount; cell++) {
      const { from, width } = rangeOf(cell, layout);
      assert.equal(from, reference.valueFromIndex(cell));
      // From 2,048 units on, HdrHistogram's own nextNonEquivalentValue agrees.
      assert.equal(from + width, reference.nextNonEquivalentValue(from));
      assert.equal(cellOf(from, layout), cell);
      assert.equal(cellOf(from + width - 1, layout), cell);
    }
  });

  test(`a cell of the ${layout.resolution} layout is one unit or at most a thousandth wide`, () => {
    for (let cell = 0; cell < layout.cellCount; cell++) {
      const { from, width } = rangeOf(cell, layout);
      assert.ok(width === layout.unitNs || width <= from / 1_000, `cell ${cell}`);
    }
  });
}

test('the layouts reach from a microsecond to an hour, and from 16 ns to 100 s', () => {
  const { standard, fine } = LAYOUTS;
  assert.notEqual(cellOf(1_000, standard), cellOf(0, standard));
  assert.notEqual(cellOf(3.6e12, standard), cellOf(3.61e12, standard));
  assert.equal(rangeOf(1, fine).from, 16);
  assert.notEqual(cellOf(100e9, fine), cellOf(100.2e9, fine));
});

test('values outside the layout are counted in its first and last cell', () => {
  for (const layout of Object.values(LAYOUTS)) {
    assert.equal(cellOf(-5, layout), 0);
    for (const beyond of [1e14, 2 ** 53, Number.MAX_VALUE]) {
      assert.equal(cellOf(beyond, layout), layout.cellCount - 1);
    }
  }
});
