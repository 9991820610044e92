import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { EXIT_CODES, type ExitCode } from '../../../base/errors/exit-codes.ts';
import { LoadgenError, reasonOf } from '../../../base/errors/loadgen-error.ts';
import { datasetCacheFolder } from '../../../data/dataset-cache.ts';
import { convertDataset, type DatasetPlace } from '../../../data/dataset.ts';
import { WRITTEN_FORMATS } from '../../../data/tables/vector-writer.ts';
import type { CommandIo } from '../../command-io.ts';
import { printableLines } from '../../../reports/format/printable.ts';
import { datasetProgress } from './dataset-progress.ts';

export interface ConvertOptions {
  /** The file to write; its ending says in which format where `format` does not. */
  readonly to: string;
  readonly format?: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** `loadgen dataset convert FILE TARGET`: the vectors of a data set in another format. */
export async function convertCommand(
  from: DatasetPlace,
  { to, format: asked, json, quiet }: ConvertOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const format = asked ?? extname(to).slice(1);
  if (!WRITTEN_FORMATS.includes(format)) {
    const reason = `${format || 'its ending'} is no format that vectors are written in (${WRITTEN_FORMATS.join(', ')})`;
    throw notWritten(to, reason);
  }
  if (existsSync(to)) throw notWritten(to, 'it is there already');
  const progress = datasetProgress('Converting', { quiet: quiet || json }, io);
  const cacheFolder = datasetCacheFolder(io.environment);
  const done = await written(to, () =>
    convertDataset({ from, to, format, progress }, { cacheFolder }),
  );
  const summary = { file: to, format, ...done };
  io.write(
    json
      ? `${JSON.stringify(summary, undefined, 2)}\n`
      : printableLines(
          `Written to ${to}: ${done.rows} rows of ${done.dimension} numbers, ${format}\n`,
        ),
  );
  return EXIT_CODES.ok;
}

/** What the file system and the format refuse, as an error of the file that was to be written. */
export async function written<Result>(
  file: string,
  write: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof LoadgenError) throw error;
    const isKnown = error instanceof RangeError || (error as NodeJS.ErrnoException).code;
    if (!isKnown) throw error;
    throw notWritten(file, reasonOf(error), error);
  }
}

export function notWritten(file: string, reason: string, cause?: unknown): LoadgenError {
  return new LoadgenError('DATASET_NOT_WRITTEN', { file, reason }, { cause });
}
