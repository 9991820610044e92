import { glob, open, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { MAX_FILES, MAX_SIDECAR_BYTES } from './limits.ts';
import type { Row, RowSlice, RowSource } from './row-source.ts';
import { readFailure } from './text-file.ts';
import { WAVE_HEAD_BYTES, waveSeconds } from './wave-seconds.ts';

export interface FileRowsOptions {
  /** A glob, relative to `baseFolder`. */
  readonly pattern: string;
  /** Field → extension of the file beside each that holds its text. */
  readonly sidecar: Readonly<Record<string, string>>;
  readonly baseFolder: string;
  readonly slice: RowSlice;
}

/**
 * A row per file that a glob finds, in the order of their paths: `path`, `bytes` (its size), for
 * WAV files `seconds`, and the text of the files beside it. Throws DATA_NOT_READABLE and
 * DATA_NOT_USABLE.
 */
export async function openFileRows(feeder: string, options: FileRowsOptions): Promise<RowSource> {
  const { baseFolder, pattern, sidecar, slice } = options;
  const found: string[] = [];
  for await (const path of glob(pattern, { cwd: baseFolder })) {
    found.push(join(baseFolder, path));
    if (found.length > MAX_FILES) {
      const reason = `it names more than ${MAX_FILES} files`;
      throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: pattern, reason });
    }
  }
  // By code units, so that the order is the same on every machine.
  const paths = found.sort((a, b) => (a < b ? -1 : 1)).slice(slice.skip, slice.skip + slice.rows);
  const reader = new FileReader(feeder, sidecar);
  const rows: Row[] = [];
  for (const path of paths) {
    const row = await reader.row(path);
    if (row !== undefined) rows.push(row);
  }
  const hasSeconds = rows.every((row) => 'seconds' in row);
  const own = hasSeconds ? ['path', 'bytes', 'seconds'] : ['path', 'bytes'];
  const fields = [...own, ...Object.keys(sidecar)];
  return { rowCount: rows.length, fields, row: (index) => rows[index]! };
}

class FileReader {
  readonly #feeder: string;
  readonly #sidecar: Readonly<Record<string, string>>;
  #sidecarBytes = 0;

  constructor(feeder: string, sidecar: Readonly<Record<string, string>>) {
    this.#feeder = feeder;
    this.#sidecar = sidecar;
  }

  /** Undefined for a folder. */
  async row(path: string): Promise<Row | undefined> {
    try {
      const status = await stat(path);
      if (!status.isFile()) return undefined;
      const row: Record<string, unknown> = { path, bytes: status.size };
      if (extname(path).toLowerCase() === '.wav') row['seconds'] = await this.#seconds(path);
      for (const [field, extension] of Object.entries(this.#sidecar)) {
        row[field] = await this.#beside(path, extension);
      }
      return row;
    } catch (error) {
      if (error instanceof LoadgenError) throw error;
      throw this.#unreadable(path, error);
    }
  }

  async #seconds(path: string): Promise<number> {
    const file = await open(path);
    try {
      const head = Buffer.alloc(WAVE_HEAD_BYTES);
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      const seconds = waveSeconds(head.subarray(0, bytesRead));
      if (seconds !== undefined) return seconds;
    } finally {
      await file.close();
    }
    const reason = 'it is called .wav and has no header of a WAV file';
    throw new LoadgenError('DATA_NOT_USABLE', { feeder: this.#feeder, source: path, reason });
  }

  async #beside(path: string, extension: string): Promise<string> {
    const beside = path.slice(0, path.length - extname(path).length) + extension;
    const text = await readFile(beside, 'utf8').catch((error: unknown) => {
      throw this.#unreadable(beside, error);
    });
    this.#sidecarBytes += text.length;
    if (this.#sidecarBytes <= MAX_SIDECAR_BYTES) return text.replace(/\r?\n$/, '');
    const reason = `the files beside hold more than ${MAX_SIDECAR_BYTES} bytes; take fewer with \`rows\``;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder: this.#feeder, source: path, reason });
  }

  #unreadable(file: string, error: unknown): LoadgenError {
    const reason = readFailure(error);
    return new LoadgenError('DATA_NOT_READABLE', { feeder: this.#feeder, file, reason });
  }
}
