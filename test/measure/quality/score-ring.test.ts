import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MEASURE } from '../../../src/measure/metrics/outcome.ts';
import {
  allocateScores,
  ScoreReader,
  ScoreWriter,
  type ScoreRecord,
  type WriteRecord,
} from '../../../src/measure/quality/score-ring.ts';

const window = { sentNs: 5, doneNs: 9.5 };

/** Scorer 0 has lists of numbers, scorer 1 texts. */
const isText = (scorer: number): boolean => scorer === 1;

function plain({ input, ...rest }: ScoreRecord): unknown {
  const part = (value: ArrayLike<number> | string | undefined): unknown =>
    typeof value === 'string' || value === undefined ? value : Array.from(value);
  const { answer, reference, distances, sources, tolerance = 0 } = input;
  const [a, r] = [part(answer), part(reference)];
  const lists = { distances: part(distances), sources: part(sources) };
  return { ...rest, answer: a, reference: r, ...lists, tolerance };
}

test('records come out as they went in, in order, across the end of the ring', () => {
  const numbers = fc.array(fc.double({ noNaN: true }), { maxLength: 12 });
  const list = fc
    .record({
      answer: numbers,
      reference: numbers,
      distances: fc.array(fc.nat(), { minLength: 1, maxLength: 9 }),
      sources: fc.array(fc.nat(), { minLength: 1, maxLength: 9 }),
      tolerance: fc.double({ noNaN: true }),
    })
    .map((input): ScoreRecord => ({ scorer: 0, phase: MEASURE, iteration: 7, input, window }));
  const text = fc
    .record({ answer: fc.string({ unit: 'grapheme' }), reference: fc.string() })
    .map((input): ScoreRecord => ({ scorer: 1, phase: 0, iteration: 2 ** 40, input, window }));
  const rounds = fc.array(fc.array(fc.oneof(list, text), { maxLength: 6 }), { maxLength: 12 });
  fc.assert(
    fc.property(rounds, (drawn) => {
      const memory = allocateScores(2, 2 ** 10);
      const writer = new ScoreWriter(memory);
      const reader = new ScoreReader(memory);
      for (const records of drawn) {
        for (const record of records) writer.write(record);
        const lost = (): number =>
          reader.unscored(0, MEASURE, 'ring_full') + reader.unscored(1, 0, 'ring_full');
        const before = lost();
        const found: unknown[] = [];
        reader.take(isText, (record) => found.push(plain(record)));
        const written = records.map(plain);
        // What did not fit is missing; what is there is there whole, and in order.
        let at = 0;
        for (const one of found) {
          while (at < written.length && JSON.stringify(written[at]) !== JSON.stringify(one)) at++;
          assert.ok(at++ < written.length, 'a record that nobody wrote, or out of order');
        }
        assert.equal(lost(), before);
      }
    }),
  );
});

test('what does not fit is counted, by scorer and phase, and costs nobody anything', () => {
  const memory = allocateScores(2, 320);
  const writer = new ScoreWriter(memory);
  const reader = new ScoreReader(memory);
  const record = {
    scorer: 0,
    phase: MEASURE,
    iteration: 1,
    input: { answer: [1], reference: [2] },
    window,
  };
  for (let index = 0; index < 10; index++) writer.write(record);
  let taken = reader.take(isText, () => {});
  assert.equal(taken, 3, '104 bytes each, of 320');
  assert.equal(reader.unscored(0, MEASURE, 'ring_full'), 7);
  assert.equal(reader.unscored(1, MEASURE, 'ring_full'), 0);
  writer.write(record);
  taken = reader.take(isText, () => {});
  assert.equal(taken, 1, 'there is room again');
});

test('writes of rows come out between the answers, and one that does not fit is not forgotten', () => {
  const memory = allocateScores(1, 2 ** 9);
  const writer = new ScoreWriter(memory);
  const reader = new ScoreReader(memory);
  const began = { kind: 'replaces', source: 1, ids: [7, 8], beganNs: 3.5 } as const;
  writer.writeRows({ subject: 2, ticket: 40, began });
  writer.write({
    scorer: 0,
    phase: MEASURE,
    iteration: 0,
    input: { answer: [], reference: [] },
    window,
  });
  writer.writeRows({ subject: 2, ticket: 40, ackedNs: Number.POSITIVE_INFINITY });
  const seen: unknown[] = [];
  const plainWrite = ({ began: of, ...rest }: WriteRecord): unknown =>
    of === undefined ? rest : { ...rest, began: { ...of, ids: Array.from(of.ids) } };
  reader.take(
    isText,
    () => seen.push('answer'),
    (write) => seen.push(plainWrite(write)),
  );
  assert.deepEqual(seen, [
    { subject: 2, ticket: 40, began },
    'answer',
    { subject: 2, ticket: 40, ackedNs: Number.POSITIVE_INFINITY },
  ]);
  assert.equal(reader.rowsLost, false);
  const ids = Array.from({ length: 100 }, (_, id) => id);
  writer.writeRows({ subject: 0, ticket: 1, began: { ...began, ids } });
  assert.equal(reader.rowsLost, true);
});
