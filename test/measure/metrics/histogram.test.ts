import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cellOf, LAYOUTS } from '../../../src/measure/metrics/histogram-layout.ts';
import { Histogram, rankOf } from '../../../src/measure/metrics/histogram.ts';

const resolutions = fc.constantFrom(LAYOUTS.standard, LAYOUTS.fine);

/** Latencies from nanoseconds to a quarter of an hour, evenly over the magnitudes. */
const latencies = fc
  .double({ min: 0, max: 40, noNaN: true })
  .map((exponent) => Math.round(2 ** exponent));

/** Percentiles as whole thousandths, so that the oracle can rank in integers. */
const thousandths = fc.integer({ min: 0, max: 100_000 });

function histogramOf(values: readonly number[], layout = LAYOUTS.standard): Histogram {
  const histogram = new Histogram(layout);
  for (const value of values) histogram.record(value);
  return histogram;
}

/** The sample at rank ceil(percent ÷ 100 × n), in exact integers. */
function exactPercentile(values: readonly number[], percentThousandths: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const product = BigInt(percentThousandths) * BigInt(values.length);
  const rank = Number((product + 99_999n) / 100_000n);
  return sorted[Math.max(1, rank) - 1]!;
}

test('a percentile is the exact one by sorting, within a thousandth or one unit', () => {
  fc.assert(
    fc.property(
      resolutions,
      fc.array(latencies, { minLength: 1, maxLength: 300 }),
      thousandths,
      (layout, values, percentThousandths) => {
        const exact = exactPercentile(values, percentThousandths);
        const found = histogramOf(values, layout).percentile(percentThousandths / 1_000);
        const tolerance = Math.max(exact / 1_000, layout.unitNs - 1);
        assert.ok(found >= exact, `${found} is below ${exact}`);
        assert.ok(found <= exact + tolerance, `${found} is far above ${exact}`);
        assert.ok(found >= Math.min(...values) && found <= Math.max(...values));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('smallest, largest, count and mean are exact', () => {
  fc.assert(
    fc.property(fc.array(latencies, { minLength: 1, maxLength: 200 }), (values) => {
      const histogram = histogramOf(values);
      const sum = values.reduce((total, value) => total + BigInt(value), 0n);
      assert.equal(histogram.min, Math.min(...values));
      assert.equal(histogram.max, Math.max(...values));
      assert.equal(histogram.count, values.length);
      assert.equal(histogram.mean, Number(sum) / values.length);
    }),
  );
});

test('merging gives what recording everything in one gives, in any order and grouping', () => {
  const samples = fc.array(fc.array(latencies, { maxLength: 60 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(resolutions, samples, fc.infiniteStream(fc.nat()), (layout, groups, choices) => {
      const parts = groups.map((values) => histogramOf(values, layout));
      while (parts.length > 1) {
        const [left] = parts.splice(choices.next().value % parts.length, 1);
        const target = parts[choices.next().value % parts.length]!;
        target.add(left!);
      }
      const together = histogramOf(groups.flat(), layout);
      assert.deepEqual(parts[0]!.toRecord(), together.toRecord());
    }),
    { numRuns: 500 },
  );
});

test('adding histograms with different cells is a bug and never a wrong sum', () => {
  const fine = histogramOf([1], LAYOUTS.fine);
  assert.throws(() => histogramOf([1]).add(fine), { code: 'BUG' });
});

test('the JSON form holds everything', () => {
  fc.assert(
    fc.property(resolutions, fc.array(latencies, { maxLength: 100 }), (layout, values) => {
      const histogram = histogramOf(values, layout);
      const copy = Histogram.fromRecord(JSON.parse(JSON.stringify(histogram.toRecord())));
      assert.deepEqual(copy.toRecord(), histogram.toRecord());
      assert.equal(copy.percentile(90), histogram.percentile(90));
      assert.equal(copy.standardDeviation, histogram.standardDeviation);
    }),
  );
});

test('cells are ascending, hold every sample once and lie between smallest and largest', () => {
  fc.assert(
    fc.property(fc.array(latencies, { minLength: 1, maxLength: 200 }), (values) => {
      const histogram = histogramOf(values);
      let before = -1;
      let count = 0;
      for (const cell of histogram.cells()) {
        assert.ok(cell.from > before && cell.from <= cell.to);
        assert.equal(values.filter((v) => v >= cell.from && v <= cell.to).length, cell.count);
        before = cell.to;
        count += cell.count;
      }
      assert.equal(count, values.length);
      assert.ok(before <= histogram.max);
    }),
  );
});

test('the standard deviation is that of the samples, within the width of a cell', () => {
  const values = Array.from({ length: 1_000 }, (_, index) => 1_000_000 + 7_919 * index);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const exact = Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
  );
  const found = histogramOf(values).standardDeviation;
  assert.ok(Math.abs(found - exact) < exact / 1_000, `${found} against ${exact}`);
  assert.equal(histogramOf([300, 300, 300]).standardDeviation, 0);
});

test('an empty histogram is all zeros', () => {
  const { count, min, max, mean, standardDeviation } = new Histogram();
  assert.deepEqual([count, min, max, mean, standardDeviation], [0, 0, 0, 0, 0]);
  assert.equal(new Histogram().percentile(99), 0);
  assert.deepEqual([...new Histogram().cells()], []);
});

test('values beyond the layout are bounded by the largest and not by the last cell', () => {
  const histogram = histogramOf([1e15, 2e15]);
  assert.equal(histogram.percentile(50), 2e15);
  assert.equal(histogram.min, 1e15);
});

test('a negative value keeps its sign in smallest and mean', () => {
  const histogram = histogramOf([-40, 40]);
  assert.equal(histogram.min, -40);
  assert.equal(histogram.mean, 0);
  assert.deepEqual([...histogram.cells()], [{ from: -40, to: 40, count: 2 }]);
});

test('taking cells over from shared memory leaves it empty and loses nothing', () => {
  fc.assert(
    fc.property(fc.array(latencies, { minLength: 1, maxLength: 100 }), (values) => {
      const layout = LAYOUTS.standard;
      const base = 1_000;
      const cells = new Uint32Array(base + layout.cellCount);
      cells.fill(7, 0, base);
      for (const value of values) cells[base + cellOf(value, layout)]!++;
      const statistics = {
        sum: values.reduce((sum, value) => sum + value, 0),
        min: Math.min(...values),
        max: Math.max(...values),
      };
      const taken = new Histogram(layout);
      taken.takeCells(cells, base, statistics);
      assert.deepEqual(taken.toRecord(), histogramOf(values).toRecord());
      assert.ok(cells.subarray(base).every((count) => count === 0));
      assert.ok(cells.subarray(0, base).every((count) => count === 7));
    }),
  );
});

test('a rank is the ceiling in exact arithmetic, also where the product is not', () => {
  assert.equal(rankOf(99.9, 1_000), 999);
  assert.equal(rankOf(99, 100), 99);
  assert.equal(rankOf(99, 101), 100);
  assert.equal(rankOf(0, 10), 1);
  assert.equal(rankOf(100, 10), 10);
  fc.assert(
    fc.property(thousandths, fc.integer({ min: 1, max: 1_000_000_000 }), (percent, count) => {
      const exact = Number((BigInt(percent) * BigInt(count) + 99_999n) / 100_000n);
      assert.equal(rankOf(percent / 1_000, count), Math.max(1, exact));
    }),
    { numRuns: 20_000 },
  );
});
