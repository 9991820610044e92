import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchRequests } from '../../../src/results/audit/match-requests.ts';
import { readServerLog, type LoggedRequest } from '../../../src/results/audit/server-log.ts';
import type { RawSample } from '../../../src/results/read/read-samples.ts';

const sample = (given: Partial<RawSample>): RawSample => ({
  lane: 0,
  phase: 1,
  iteration: 0,
  intended: 0,
  picked: 0,
  acquired: 0,
  granted: 0,
  sent: 0,
  done: 0,
  free: 0,
  outcome: 0,
  ...given,
});

const row = (arrivalNs: number, operation?: LoggedRequest['operation']): LoggedRequest => ({
  arrivalNs,
  dueNs: arrivalNs,
  departureNs: arrivalNs,
  status: 200,
  operation,
});

test('requests are matched by lane and iteration, in whatever order they arrived', () => {
  const samples = [
    sample({ iteration: 0, sent: 10 }),
    sample({ iteration: 1, sent: 20 }),
    sample({ lane: 1, iteration: 0, sent: 30 }),
  ];
  const log = [
    row(35, { lane: 1, iteration: 0 }),
    row(36, { lane: 0, iteration: 1 }),
    row(37, { lane: 0, iteration: 0 }),
  ];
  const { pairs, ...counts } = matchRequests(samples, log);
  assert.deepEqual(counts, { sent: 3, notSent: 0, missing: 0, duplicated: 0, unknown: 0 });
  const arrivals = pairs.map(({ sample: { lane, iteration }, logged }) => {
    return [lane, iteration, logged.arrivalNs];
  });
  assert.deepEqual(arrivals, [
    [0, 0, 37],
    [0, 1, 36],
    [1, 0, 35],
  ]);
});

test('a name of the warm-up that comes again in the measured phase is matched in order of time', () => {
  const samples = [
    sample({ phase: 1, iteration: 7, sent: 1_000 }),
    sample({ phase: 0, iteration: 7, sent: 10 }),
  ];
  const log = [row(12, { lane: 0, iteration: 7 }), row(1_002, { lane: 0, iteration: 7 })];
  const { pairs } = matchRequests(samples, log);
  assert.deepEqual(
    pairs.map(({ sample: { phase }, logged }) => [phase, logged.arrivalNs]),
    [
      [0, 12],
      [1, 1_002],
    ],
  );
});

test('what is missing, came twice, was never sent or never left is counted apart', () => {
  const samples = [
    sample({ iteration: 0 }),
    sample({ iteration: 1 }),
    sample({ iteration: 2, sent: Number.NaN }),
  ];
  const log = [
    row(1, { lane: 0, iteration: 0 }),
    row(2, { lane: 0, iteration: 0 }),
    row(3, { lane: 0, iteration: 9 }),
    row(4),
  ];
  const { pairs, ...counts } = matchRequests(samples, log);
  assert.deepEqual(counts, { sent: 2, notSent: 1, missing: 1, duplicated: 1, unknown: 2 });
  assert.equal(pairs.length, 1);
});

test('the log is read by its columns, and a path with commas moves none of them', () => {
  const head = 'sequence,arrival_ns,due_ns,departure_ns,status,path,lane,iteration\n';
  const rows = readServerLog(`${head}0,5,6,7,200,"/a,b",3,41\n1,8,9,,0,/c,,\n`);
  assert.deepEqual(rows, [
    {
      arrivalNs: 5,
      dueNs: 6,
      departureNs: 7,
      status: 200,
      operation: { lane: 3, iteration: 41 },
    },
    { arrivalNs: 8, dueNs: 9, departureNs: Number.NaN, status: 0, operation: undefined },
  ]);
});
