import { parseArgs } from 'node:util';

export interface Settings {
  readonly host: string;
  /** 0 asks the operating system for a free one. */
  readonly port: number;
  readonly maxBatch: number;
  readonly maxBodyBytes: number;
  readonly engine: 'hashed' | 'onnx';
  /** Of `onnx`; undefined is what servers/models prepares. */
  readonly modelFolder: string | undefined;
  readonly threads: number;
  readonly maxTokens: number;
}

export const defaultSettings: Settings = {
  host: '127.0.0.1',
  port: 8000,
  maxBatch: 64,
  maxBodyBytes: 1_048_576,
  engine: 'hashed',
  modelFolder: undefined,
  threads: 1,
  maxTokens: 256,
};

/**
 * Reads flags first, then the environment (`HOST`, `PORT`, `MAX_BATCH`, `MAX_BODY_BYTES`; for ONNX
 * what the other embedding servers have, `EMBEDDING_MODEL_DIR` and so on), then the defaults. Throws an Error whose message names the flag when a value is not usable.
 */
export function readSettings(
  commandLine: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      'max-batch': { type: 'string' },
      'max-body-bytes': { type: 'string' },
      engine: { type: 'string' },
      'model-dir': { type: 'string' },
      threads: { type: 'string' },
      'max-tokens': { type: 'string' },
    },
    strict: true,
  });
  const port = values.port ?? environment['PORT'];
  const maxBatch = values['max-batch'] ?? environment['MAX_BATCH'];
  const maxBodyBytes = values['max-body-bytes'] ?? environment['MAX_BODY_BYTES'];
  const threads = values.threads ?? environment['EMBEDDING_THREADS'];
  const maxTokens = values['max-tokens'] ?? environment['EMBEDDING_MAX_TOKENS'];
  return {
    host: values.host ?? environment['HOST'] ?? defaultSettings.host,
    port: integer('--port', port, { least: 0, most: 65_535 }) ?? defaultSettings.port,
    maxBatch:
      integer('--max-batch', maxBatch, { least: 1, most: 100_000 }) ?? defaultSettings.maxBatch,
    maxBodyBytes:
      integer('--max-body-bytes', maxBodyBytes, { least: 1, most: 2 ** 30 }) ??
      defaultSettings.maxBodyBytes,
    engine: engineOf(values.engine ?? environment['EMBEDDING_ENGINE']),
    modelFolder: values['model-dir'] ?? environment['EMBEDDING_MODEL_DIR'],
    threads: integer('--threads', threads, { least: 1, most: 1024 }) ?? defaultSettings.threads,
    maxTokens:
      integer('--max-tokens', maxTokens, { least: 1, most: 100_000 }) ?? defaultSettings.maxTokens,
  };
}

function engineOf(text: string = defaultSettings.engine): Settings['engine'] {
  if (text === 'hashed' || text === 'onnx') return text;
  throw new Error(`--engine must be hashed or onnx, not ${JSON.stringify(text)}`);
}

function integer(
  name: string,
  text: string | undefined,
  range: { readonly least: number; readonly most: number },
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= range.least && value <= range.most) return value;
  throw new Error(
    `${name} must be a whole number from ${range.least} to ${range.most}, not ${JSON.stringify(text)}`,
  );
}
