import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latenessAtServer } from '../../../bench/cases/open-5000.ts';

const GAP_NS = 200_000;

test('arrivals on an even plan are not late, wherever the server has its zero', () => {
  const log = Array.from({ length: 1_000 }, (_, index) => arrivedAt(7e12 + index * GAP_NS));
  assert.deepEqual(latenessAtServer(log), { p50Ns: 0, p99Ns: 0, maxNs: 0 });
});

test('a stall shows in the arrivals that it made late', () => {
  // Every hundredth is 50 µs late, two of a thousand 100 µs.
  const log = Array.from({ length: 1_000 }, (_, index) => {
    const lateNs = index === 500 || index === 700 ? 100_000 : index % 100 === 1 ? 50_000 : 0;
    return arrivedAt(index * GAP_NS + lateNs);
  });
  assert.deepEqual(latenessAtServer(log), { p50Ns: 0, p99Ns: 50_000, maxNs: 100_000 });
});

test('answers that are logged out of order are put in order of arrival', () => {
  const log = [2, 0, 1].map((index) => arrivedAt(index * GAP_NS));
  assert.equal(latenessAtServer(log).maxNs, 0);
});

function arrivedAt(arrivalNs: number) {
  return { arrivalNs, dueNs: arrivalNs + 1, departureNs: arrivalNs + 1 };
}
