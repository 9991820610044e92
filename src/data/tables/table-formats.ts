import { BIN_ELEMENTS, VECS_ELEMENTS, type BinFormat, type VecsFormat } from './binary-tables.ts';

/** Formats of vectors by number. */
export const TABLE_FORMATS = [
  'hdf5',
  'fvecs',
  'ivecs',
  'bvecs',
  'fbin',
  'u8bin',
  'i8bin',
  'ibin',
  'npy',
  'vectordbbench',
  'qdrant',
] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** Formats that hold several tables, of which one is read. */
export const CONTAINER_FORMATS: readonly TableFormat[] = ['hdf5', 'vectordbbench', 'qdrant'];

const ENDINGS: readonly (readonly [ending: RegExp, format: TableFormat])[] = [
  [/\.(hdf5|h5)$/i, 'hdf5'],
  [/\.npy$/i, 'npy'],
  ...[...Object.keys(VECS_ELEMENTS), ...Object.keys(BIN_ELEMENTS)].map(
    (format) => [new RegExp(`\\.${format}$`, 'i'), format as TableFormat] as const,
  ),
];

/** By how the name of a file ends. */
export function tableFormatOf(file: string): TableFormat | undefined {
  return ENDINGS.find(([ending]) => ending.test(file))?.[1];
}

export function isTableFormat(format: string): format is TableFormat {
  return (TABLE_FORMATS as readonly string[]).includes(format);
}

export function isVecs(format: string): format is VecsFormat {
  return format in VECS_ELEMENTS;
}

export function isBin(format: string): format is BinFormat {
  return format in BIN_ELEMENTS;
}
