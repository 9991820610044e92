import { ExpressionError } from '../../base/expressions/expression-error.ts';
import type { WriteCall } from '../vocabulary/vectors/vector-calls.ts';
import { integerId } from '../vocabulary/vectors/vector-ids.ts';
import type { Found } from '../vocabulary/vectors/vector-result.ts';
import { bytesOf } from '../vocabulary/vectors/vector-values.ts';

/**
 * Bodies of servers/faiss: the length of a JSON head in 32 bits, the head, and numbers behind it,
 * little-endian, so that neither side writes or reads numbers as text.
 */
export function headFrame(head: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const frame = Buffer.allocUnsafe(4 + text.length);
  frame.writeUInt32LE(text.length);
  text.copy(frame, 4);
  return frame;
}

/** Ids as 64-bit integers, vectors row by row, then each field as 64-bit floats. */
export function rowsFrames({ ids, vectors, fields }: WriteCall): Buffer[] {
  const columns = Object.entries(fields);
  const head = {
    count: ids.length,
    dimension: vectors[0]?.length ?? 0,
    fields: columns.map(([name]) => name),
  };
  const idBytes = Buffer.allocUnsafe(8 * ids.length);
  ids.forEach((id, row) => idBytes.writeBigInt64LE(BigInt(integerId(id)), 8 * row));
  const columnBytes = columns.map(([name, values]) => bytesOfColumn(name, values));
  return [headFrame(head), idBytes, ...vectors.map(bytesOf), ...columnBytes];
}

function bytesOfColumn(name: string, values: readonly unknown[]): Buffer {
  const numbers = Float64Array.from(values, Number);
  if (numbers.some(Number.isNaN)) {
    throw new ExpressionError(`faiss keeps numbers only, and ${name} has others`, { text: name });
  }
  return Buffer.from(numbers.buffer);
}

/**
 * Their count and that of the fields in 32 bits, ids (64-bit integers), distances (32-bit floats),
 * and the fields that were asked for, each as 64-bit floats. Undefined where it is none of that.
 */
export function foundOf(body: Buffer, fields: readonly string[]): Found | undefined {
  if (body.length < 8) return undefined;
  const count = body.readUInt32LE(0);
  const isWhole = body.length === 8 + (12 + 8 * fields.length) * count;
  if (!isWhole || body.readUInt32LE(4) !== fields.length) return undefined;
  const list = <Value>(read: (row: number) => Value): Value[] =>
    Array.from({ length: count }, (_, row) => read(row));
  const columns = fields.map((_, column) => {
    const from = 8 + (12 + 8 * column) * count;
    return list((row) => body.readDoubleLE(from + 8 * row));
  });
  return {
    ids: list((row) => Number(body.readBigInt64LE(8 + 8 * row))),
    distances: list((row) => body.readFloatLE(8 + 8 * count + 4 * row)),
    ...(fields.length > 0 && {
      fields: list((row) =>
        Object.fromEntries(fields.map((name, column) => [name, columns[column]![row]!])),
      ),
    }),
  };
}
