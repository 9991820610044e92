import type { RowSlice, RowSource } from '../row-source.ts';
import type { VectorTables } from './open-tables.ts';
import { RowWindow } from './row-window.ts';

/** Rows of vectors: `id` and `vector`. */
export function tableRows({ vectors, ids }: VectorTables, slice: RowSlice): RowSource {
  const inOrder = slice.inOrder ?? false;
  const window = new RowWindow(vectors, slice, { numbers: Float32Array, inOrder });
  const idWindow = ids && new RowWindow(ids, slice, { numbers: Float64Array, inOrder });
  const { rowCount } = window;
  return {
    rowCount,
    fields: ['id', 'vector'],
    row: (index) => ({
      id: idWindow ? idWindow.row(index)[0] : slice.skip + index,
      vector: window.row(index),
    }),
  };
}
