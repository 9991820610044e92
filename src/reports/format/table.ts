import { displayWidth, padEnd, padStart } from './width.ts';

export interface Cell {
  readonly text: string;
  /** Applied after the cell was padded, so that colours do not disturb the columns. */
  readonly style?: (text: string) => string;
}

const GAP = '  ';

/**
 * Rows in aligned columns, each as wide as its widest cell: the first from the left, the others
 * from the right, as numbers are compared.
 */
export function alignedTable(rows: readonly (readonly Cell[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell.text));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const pad = column === 0 ? padEnd : padStart;
      const text = pad(cell.text, widths[column]!);
      return cell.style === undefined ? text : cell.style(text);
    });
    return cells.join(GAP).trimEnd();
  });
}

export function tableWidth(rows: readonly (readonly Cell[])[]): number {
  return Math.max(0, ...alignedTable(unstyled(rows)).map(displayWidth));
}

function unstyled(rows: readonly (readonly Cell[])[]): Cell[][] {
  return rows.map((row) => row.map(({ text }) => ({ text })));
}
