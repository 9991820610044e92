import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperationSlots } from '../../../src/measure/metrics/operation-slots.ts';
import {
  allocateSamples,
  SAMPLE_FIELDS,
  SampleReader,
  SampleWriter,
} from '../../../src/measure/metrics/sample-ring.ts';

const CAPACITY = 8;

function ring() {
  const memory = allocateSamples(0, CAPACITY);
  return { writer: new SampleWriter(memory), reader: new SampleReader(memory) };
}

/** The iterations of the records that were taken, in their order. */
function iterationsOf(bytes: Uint8Array): number[] {
  const numbers = new Float64Array(bytes.buffer);
  const fields = SAMPLE_FIELDS.length;
  const at = SAMPLE_FIELDS.indexOf('iteration');
  return Array.from(
    { length: numbers.length / fields },
    (_, record) => numbers[record * fields + at]!,
  );
}

function write(writer: SampleWriter, iteration: number): void {
  const slots = new OperationSlots(1, 0);
  slots.iteration[0] = iteration;
  slots.sent[0] = 1;
  writer.write(1, 0, 0, slots);
}

test('records come out once and in their order, also across the end of the memory', () => {
  const { writer, reader } = ring();
  const taken: number[] = [];
  let next = 0;
  for (const burst of [5, 7, 8, 1, 6, 8]) {
    for (let each = 0; each < burst; each++) write(writer, next++);
    taken.push(...iterationsOf(reader.take()));
  }
  assert.deepEqual(
    taken,
    Array.from({ length: next }, (_, n) => n),
  );
  assert.equal(reader.dropped, 0);
  assert.equal(reader.take().length, 0);
});

test('what does not fit is counted and left out, and what was there stays', () => {
  const { writer, reader } = ring();
  for (let iteration = 0; iteration < CAPACITY + 3; iteration++) write(writer, iteration);
  assert.equal(reader.dropped, 3);
  assert.deepEqual(iterationsOf(reader.take()), [0, 1, 2, 3, 4, 5, 6, 7]);
  write(writer, 99);
  assert.deepEqual(iterationsOf(reader.take()), [99]);
});

test('an operation that was never sent has no stamps of the one before it', () => {
  const { writer, reader } = ring();
  const slots = new OperationSlots(1, 0);
  slots.granted[0] = 5;
  slots.sent[0] = 0;
  writer.write(1, 0, 0, slots);
  const record = new Float64Array(reader.take().buffer);
  for (const field of ['granted', 'sent', 'free'] as const) {
    assert.ok(Number.isNaN(record[SAMPLE_FIELDS.indexOf(field)]), field);
  }
});

test('what drivers and steps measured stands behind the fields', () => {
  const memory = allocateSamples(2, CAPACITY);
  const slots = new OperationSlots(1, 3);
  slots.sent[0] = 1;
  [slots.phases[0]![0], slots.phases[1]![0], slots.phases[2]![0]] = [7, Number.NaN, 9];
  const writer = new SampleWriter(memory);
  writer.write(1, 0, 0, slots);
  writer.write(1, 0, 0, slots);
  const numbers = new Float64Array(new SampleReader(memory).take().buffer);
  const width = SAMPLE_FIELDS.length + 2;
  assert.equal(numbers.length, 2 * width);
  assert.deepEqual([...numbers.subarray(2 * width - 2)], [7, Number.NaN]);
});
