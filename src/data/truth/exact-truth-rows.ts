import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { RowSource } from '../row-source.ts';
import type { NumberTable } from '../tables/number-table.ts';
import { RowWindow } from '../tables/row-window.ts';
import { HEAD_NUMBERS } from './exact-messages.ts';
import { withTruth } from './truth-rows.ts';
import type { ExactTruthSpec } from './truth-schema.ts';

/**
 * The same rows with their exact neighbours; without a table the field is there and has no value
 * yet.
 */
export function withExactTruth(
  rows: RowSource,
  { k, over, present }: ExactTruthSpec,
  table: NumberTable | undefined,
): RowSource {
  if (table === undefined) {
    return withTruth(rows, k, () => {
      throw new LoadgenError('BUG', { reason: 'a truth was read before it was found' });
    });
  }
  const width = (table.dimension - HEAD_NUMBERS) / 2;
  const slice = { skip: 0, rows: rows.rowCount };
  const window = new RowWindow(table, slice, { numbers: Float64Array, inOrder: false });
  return withTruth(rows, k, (index) => {
    const row = window.row(index);
    const count = row[0]!;
    const numbers = Array.from(row.subarray(HEAD_NUMBERS, HEAD_NUMBERS + count));
    const sources = numbers.map((number) => number % over.length);
    return {
      ids: numbers.map((number, at) => (number - sources[at]!) / over.length),
      ...(present && { sources, present: present.map((name) => over.indexOf(name)) }),
      distances: Array.from(row.subarray(HEAD_NUMBERS + width, HEAD_NUMBERS + width + count)),
      tolerance: row[1]!,
    };
  });
}
