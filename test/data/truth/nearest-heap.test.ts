import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NearestHeaps } from '../../../src/data/truth/nearest-heap.ts';
import { RowSearch } from '../../../src/data/truth/search-rows.ts';
import { METRICS, type Metric } from '../../../src/data/metric.ts';

interface Found {
  readonly id: number;
  readonly distance: number;
}

function found({ sizes, ids, distances, width }: NearestHeaps, query: number): Found[] {
  const rows = Array.from({ length: sizes[query]! }, (_, at) => ({
    id: ids[query * width + at]!,
    distance: distances[query * width + at]!,
  }));
  return rows.toSorted(byDistance);
}

function byDistance(one: Found, other: Found): number {
  return one.distance - other.distance || one.id - other.id;
}

test('a heap keeps what a sort would put first, equal distances by their ids', () => {
  const row = fc.record({ distance: fc.nat(9), id: fc.nat(1e6) }, { noNullPrototype: true });
  const rows = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 200 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 40 }), (offered, width) => {
      const heaps = new NearestHeaps(2, width);
      for (const { distance, id } of offered) heaps.offer(1, distance, id);
      const sorted = offered.toSorted(byDistance).slice(0, width);
      assert.deepEqual(found(heaps, 1), sorted);
      assert.deepEqual(found(heaps, 0), []);
      const isFull = offered.length >= width;
      assert.equal(heaps.bound(1), isFull ? sorted.at(-1)!.distance : Infinity);
    }),
  );
});

/** By the definitions, one pair at a time. */
function distance(metric: Metric, query: readonly number[], row: readonly number[]): number {
  const pairs = query.map((value, at) => [value, row[at]!] as const);
  const sum = (of: (one: number, other: number) => number) =>
    pairs.reduce((total, [one, other]) => total + of(one, other), 0);
  const inner = sum((one, other) => one * other);
  if (metric === 'l2') return sum((one, other) => (one - other) ** 2);
  if (metric === 'hamming') return sum((one, other) => (one === other ? 0 : 1));
  if (metric === 'ip') return -inner;
  const lengths = Math.hypot(...query) * Math.hypot(...row);
  return 1 - (lengths === 0 ? 0 : inner / lengths);
}

test('a search finds the nearest by every metric, in any dimension', () => {
  const dimension = fc.integer({ min: 1, max: 70 });
  const cases = dimension.chain((length) => {
    const vector = fc.array(fc.integer({ min: -3, max: 3 }), {
      minLength: length,
      maxLength: length,
    });
    return fc.tuple(
      fc.array(vector, { minLength: 1, maxLength: 4 }),
      fc.array(vector, { minLength: 1, maxLength: 300 }),
      fc.constantFrom(...METRICS),
    );
  });
  fc.assert(
    fc.property(cases, ([queries, rows, metric]) => {
      const width = 10;
      const search = new RowSearch(Float32Array.from(queries.flat()), {
        dimension: queries[0]!.length,
        metric,
        width,
      });
      rows.forEach((row, id) => search.add(id, row));
      search.flush();
      for (const [number, query] of queries.entries()) {
        const all = rows.map((row, id) => ({ id, distance: distance(metric, query, row) }));
        const expected = all.toSorted(byDistance).slice(0, width);
        const nearest = found(search.heaps, number);
        assert.equal(nearest.length, expected.length);
        for (const [at, { distance: far, id }] of nearest.entries()) {
          assert.ok(Math.abs(far - expected[at]!.distance) < 1e-12);
          // Of cosines that differ in the last bit either may come first.
          if (metric !== 'cosine') assert.equal(id, expected[at]!.id);
        }
      }
      const lengths = rows.map((row) =>
        distance(
          'l2',
          row,
          row.map(() => 0),
        ),
      );
      assert.equal(search.longestSquared, Math.max(...lengths));
    }),
    { numRuns: 60 },
  );
});
