import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recallScorer } from '../../../src/measure/quality/recall.ts';
import { RowLedger, type WriteKind } from '../../../src/measure/quality/row-ledger.ts';
import { presentInput } from '../../../src/measure/quality/written-rows.ts';

const K = 3;
/** Rows of two feeders, one there at the start: their distance to the one query, by id. */
const AT_START = Array.from({ length: 12 }, (_, id) => ({ id, source: 0, far: 3 * id + 1 }));
const LATER = Array.from({ length: 12 }, (_, row) => {
  const id = row + 6;
  return { id, source: 1, far: 2 * ((row * 5) % 12) };
});
/** All of them, the nearest first, as a truth over both feeders has them. */
const ALL = [...AT_START, ...LATER].toSorted((one, other) => one.far - other.far);
const TRUTH = {
  ids: ALL.map(({ id }) => id),
  distances: ALL.map(({ far }) => far),
  sources: ALL.map(({ source }) => source),
  present: [0],
  tolerance: 0,
};

interface DrawnWrite {
  readonly kind: WriteKind;
  readonly id: number;
  readonly beganNs: number;
  readonly tookNs: number;
  /** When it takes place, as a share of the time it takes. */
  readonly at: number;
  readonly isAnswered: boolean;
}

const KINDS = ['recall', 'recall_ids'] as const;

function scoreOf(
  answer: readonly number[],
  ledger: RowLedger,
  window: { sentNs: number; doneNs: number },
  kind: (typeof KINDS)[number] = 'recall',
) {
  const scorer = recallScorer(kind, K);
  const input = scorer.input(answer, TRUTH);
  assert.ok(typeof input !== 'string');
  const present = presentInput({ ...input, sources: input.sources!, window }, K, ledger);
  return present && scorer.score(present);
}

/**
 * A store in which every write takes place at one instant between its sending and its answer, and a
 * search sees what was there at one instant between its own: the exact answer is right, whatever
 * those instants are.
 */
test('an exact answer scores 1 while rows are added, replaced and deleted, whenever each took place', () => {
  const write = fc.record({
    kind: fc.constantFrom<WriteKind>('adds', 'replaces', 'deletes'),
    id: fc.integer({ min: 6, max: 17 }),
    beganNs: fc.integer({ min: 0, max: 100 }),
    tookNs: fc.integer({ min: 1, max: 30 }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    isAnswered: fc.boolean(),
  });
  const search = fc.record({
    sentNs: fc.integer({ min: 0, max: 120 }),
    tookNs: fc.nat(30),
    at: fc.nat(100),
  });
  let scored = 0;
  fc.assert(
    fc.property(fc.array(write, { maxLength: 14 }), search, (drawn, { sentNs, tookNs, at }) => {
      const writes = drawn.filter(isSensible);
      const ledger = new RowLedger();
      for (const [ticket, { kind, id, beganNs }] of writes.entries()) {
        ledger.began(String(ticket), {
          kind,
          source: kind === 'deletes' ? -1 : 1,
          ids: [id],
          beganNs,
        });
      }
      for (const [ticket, { isAnswered, beganNs, tookNs: took }] of writes.entries()) {
        ledger.ended(String(ticket), isAnswered ? beganNs + took : Number.POSITIVE_INFINITY);
      }
      const doneNs = sentNs + tookNs;
      const answer = nearestAt(writes, sentNs + (tookNs * at) / 100);
      for (const kind of KINDS) {
        const scores = scoreOf(answer, ledger, { sentNs, doneNs }, kind);
        if (scores === undefined) return;
        scored++;
        const told = JSON.stringify({ kind, writes, answer, sentNs, doneNs });
        assert.equal(scores[`${kind}@3`], 1, told);
        assert.equal(scores['deleted_ids@3'], 0);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(scored > 2000, `${scored} were scored`);
});

/** What an insert of a row that is there does differs from server to server. */
function isSensible({ kind, id }: DrawnWrite, index: number, all: readonly DrawnWrite[]): boolean {
  if (kind === 'adds') return id >= 12 && all.findIndex((other) => other.id === id) === index;
  if (kind === 'replaces')
    return id < 12 && all.every((other) => other.id !== id || other.kind !== 'deletes');
  return id < 12 || all.findIndex((other) => other.id === id) < index;
}

function nearestAt(writes: readonly DrawnWrite[], timeNs: number): number[] {
  const rows = new Map(AT_START.map(({ id, far }) => [id, far]));
  const placed = writes
    .map((write) => ({ ...write, placeNs: write.beganNs + write.at * write.tookNs }))
    .filter(({ placeNs }) => placeNs <= timeNs)
    .toSorted((one, other) => one.placeNs - other.placeNs);
  for (const { kind, id } of placed) {
    if (kind === 'deletes') rows.delete(id);
    else rows.set(id, LATER.find((row) => row.id === id)!.far);
  }
  const near = [...rows].toSorted(([, one], [, other]) => one - other);
  return near.slice(0, K).map(([id]) => id);
}

test('a row counts from its acknowledgement on, and one that was deleted is told of', () => {
  const ledger = new RowLedger();
  ledger.began('w', { kind: 'adds', source: 1, ids: [12], beganNs: 10 });
  ledger.ended('w', 20);
  ledger.began('d', { kind: 'deletes', source: -1, ids: [0], beganNs: 30 });
  ledger.ended('d', 40);
  // Row 12 is the second nearest of all once it is there; row 0 is the first until it goes.
  const second = LATER.find(({ id }) => id === 12)!.far;
  assert.ok(second > AT_START[0]!.far && second < AT_START[1]!.far + 100);
  const best = (window: { sentNs: number; doneNs: number }): Record<string, number> =>
    scoreOf([0, 1, 2], ledger, window)!;
  assert.equal(best({ sentNs: 1, doneNs: 5 })['recall@3'], 1, 'before anything');
  assert.equal(best({ sentNs: 41, doneNs: 45 })['deleted_ids@3'], 1);
  assert.ok(best({ sentNs: 41, doneNs: 45 })['recall@3']! < 1);
  assert.equal(best({ sentNs: 35, doneNs: 45 })['deleted_ids@3'], 0, 'while it is deleted');
});

test('what was never sent changes nothing, and what nobody answered may be there for ever', () => {
  const ledger = new RowLedger();
  const row = { id: 12, source: 1, atStart: false };
  ledger.began('a', { kind: 'adds', source: 1, ids: [12], beganNs: 10 });
  assert.equal(ledger.presence(row, { sentNs: 90, doneNs: 99 }), 'possible');
  ledger.ended('a', Number.NaN);
  assert.equal(ledger.presence(row, { sentNs: 90, doneNs: 99 }), 'absent');
  ledger.began('b', { kind: 'adds', source: 1, ids: [12], beganNs: 10 });
  ledger.ended('b', Number.POSITIVE_INFINITY);
  assert.equal(ledger.presence(row, { sentNs: 1e9, doneNs: 2e9 }), 'possible');
});

/** Rows that were there, that may have been there and that were not, by their place in the truth. */
const presences = fc.array(fc.constantFrom('there', 'possible', 'absent'), {
  minLength: 9,
  maxLength: 9,
});
/** Ids of an answer; 9 and more are of no row. */
const answers = fc.uniqueArray(fc.nat(11), { minLength: 0, maxLength: K });

/** Each row is as many far away as its id says, or two of them are as far as each other. */
const FARNESS = {
  apart: (id: number) => id,
  tied: (id: number) => id >> 1,
};

/** The score by the ledger, with rows in the states that were drawn. */
function scoreAmong(
  states: readonly string[],
  answer: readonly number[],
  { kind, far }: { kind: (typeof KINDS)[number]; far: (id: number) => number },
): number | undefined {
  const ledger = new RowLedger();
  const ids = states.map((_, id) => id);
  for (const id of ids.filter((each) => states[each] === 'possible')) {
    ledger.began(`w${id}`, { kind: 'adds', source: 1, ids: [id], beganNs: 1 });
  }
  const sources = states.map((state) => (state === 'there' ? 0 : 1));
  const truth = { ids, distances: ids.map(far), sources, present: [0], tolerance: 0 };
  const scorer = recallScorer(kind, K);
  const input = scorer.input(answer, truth);
  assert.ok(typeof input !== 'string');
  const window = { sentNs: 2, doneNs: 3 };
  const present = presentInput({ ...input, sources: input.sources!, window }, K, ledger);
  return present && scorer.score(present)[`${kind}@${K}`];
}

/** By definition, where exactly these rows were there. */
function scoreIn(
  world: readonly number[],
  answer: readonly number[],
  { kind, far }: { kind: (typeof KINDS)[number]; far: (id: number) => number },
): number {
  const nearest = world.toSorted((one, other) => one - other).slice(0, K);
  const isRight = (id: number): boolean =>
    kind === 'recall_ids'
      ? nearest.includes(id)
      : world.includes(id) && far(id) <= far(nearest.at(-1)!);
  return answer.filter(isRight).length / K;
}

/** All ways in which rows in flight may have been there. */
function worldsOf(states: readonly string[]): number[][] {
  const idsOf = (wanted: string): number[] =>
    states.flatMap((state, id) => (state === wanted ? [id] : []));
  const possible = idsOf('possible');
  return Array.from({ length: 2 ** possible.length }, (_, chosen) => [
    ...idsOf('there'),
    ...possible.filter((_id, bit) => (chosen >> bit) & 1),
  ]);
}

for (const kind of KINDS) {
  for (const [name, far] of Object.entries(FARNESS)) {
    test(`${kind} is that of some way in which rows in flight were there, ${name}`, () => {
      let inFlight = 0;
      fc.assert(
        fc.property(presences, answers, (states, answer) => {
          const score = scoreAmong(states, answer, { kind, far });
          const worlds = worldsOf(states);
          if (score === undefined) {
            assert.ok(worlds[0]!.length < K, 'fewer than K rows were there for certain');
            return;
          }
          const all = worlds.map((world) => scoreIn(world, answer, { kind, far }));
          const told = JSON.stringify({ states, answer, score, all });
          assert.ok(score >= Math.min(...all) && score <= Math.max(...all), told);
          if (Math.max(...all) === 1) assert.equal(score, 1, told);
          if (kind === 'recall_ids') assert.equal(score, Math.max(...all), told);
          if (all.length === 1) assert.equal(score, all[0], told);
          if (Math.min(...all) < Math.max(...all)) inFlight++;
        }),
        { numRuns: 2000 },
      );
      assert.ok(inFlight > 50, `${inFlight} differed by which rows were there`);
    });
  }
}

test('a row in flight scores as the one that it pushes out, and is not missed', () => {
  const of = { kind: 'recall_ids', far: FARNESS.apart } as const;
  const states = ['possible', 'there', 'there', 'there', 'there', 'absent'];
  const score = (...answer: readonly number[]): number => scoreAmong(states, answer, of)!;
  assert.equal(score(1, 2, 3), 1, 'without it');
  assert.equal(score(0, 1, 2), 1, 'with it, in the place of the third');
  assert.equal(score(0, 1, 9), 2 / 3);
  assert.equal(score(3, 1, 9), 2 / 3, 'as much as with the third in its place');
  assert.equal(score(0, 3, 9), 1 / 3, 'not both of them');
  assert.equal(score(1, 2, 5), 2 / 3, 'a row that was not there is no hit');
});

test('of a row that is being replaced one vector is there, and not two', () => {
  const ledger = new RowLedger();
  ledger.began('w', { kind: 'replaces', source: 1, ids: [0], beganNs: 1 });
  const truth = {
    ids: [0, 0, 1, 2, 3],
    distances: [0, 1, 2, 3, 4],
    sources: [1, 0, 0, 0, 0],
    present: [0],
  };
  for (const kind of KINDS) {
    const scorer = recallScorer(kind, K);
    const input = scorer.input([0, 1, 2], truth);
    assert.ok(typeof input !== 'string');
    const window = { sentNs: 2, doneNs: 3 };
    const present = presentInput({ ...input, sources: input.sources!, window }, K, ledger)!;
    assert.deepEqual(present.reference, [0, 1, 2]);
    if (kind === 'recall') assert.deepEqual(present.distances, [0, 2, 3], 'the nearer one');
    assert.equal(scorer.score(present)[`${kind}@3`], 1);
  }
});
