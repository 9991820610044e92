import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { OnnxOptions } from './onnx-thread.ts';
import { cacheFolder, loadOptional } from './packages.ts';

/** As far as it is used of onnxruntime-node. */
interface OnnxRuntime {
  readonly InferenceSession: {
    create(path: string, options: object): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, shape: readonly number[]) => object;
}

interface OnnxSession {
  readonly inputNames: readonly string[];
  run(
    inputs: Readonly<Record<string, object>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, { readonly data: Float32Array }>>>;
}

/** As far as it is used of @huggingface/tokenizers. */
interface Tokenizers {
  readonly Tokenizer: new (
    tokenizer: object,
    config: object,
  ) => {
    encode(text: string): { readonly ids: readonly number[] };
  };
}

/** A loaded model: texts in, embeddings of length 1 out. */
export interface Model {
  readonly name: string;
  readonly dimensions: number;
  readonly loadSeconds: number;
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
}

const MODEL_FILES = ['model.onnx', 'tokenizer.json', 'config.json'];
/** `[CLS]`, one token of the text, `[SEP]`. */
const FEWEST_TOKENS = 3;
const OUTPUT = 'sentence_embedding';

interface ModelConfig {
  readonly hidden_size: number;
  readonly max_position_embeddings: number;
  readonly pad_token_id?: number;
  readonly _name_or_path?: string;
}

/** Reads a folder of servers/models. Rejects with an Error that says what is missing. */
export async function openModel(options: OnnxOptions): Promise<Model> {
  const { modelFolder = defaultModelFolder(), maxTokens, threads } = options;
  const beginNs = process.hrtime.bigint();
  const file = (name: string): string => join(modelFolder, name);
  const missing = MODEL_FILES.filter((name) => !existsSync(file(name)));
  if (missing.length > 0) {
    const remedy = 'run servers/models/install.sh or name another folder with --model-dir';
    throw new Error(`${modelFolder} has no ${missing.join(', ')}; ${remedy}`);
  }
  const config = readJson(file('config.json')) as ModelConfig;
  const { max_position_embeddings: longest, hidden_size: dimensions } = config;
  if (maxTokens < FEWEST_TOKENS || maxTokens > longest) {
    const between = `between ${FEWEST_TOKENS} and the model's ${longest}`;
    throw new Error(`--max-tokens ${maxTokens} is not ${between}`);
  }
  const runtime = loadOptional('onnxruntime-node') as OnnxRuntime;
  const { Tokenizer } = loadOptional('@huggingface/tokenizers') as Tokenizers;
  const tokenizer = new Tokenizer(readJson(file('tokenizer.json')), {});
  const session = await runtime.InferenceSession.create(file('model.onnx'), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Spinning threads would count as work in every CPU figure taken of this server.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const embed = async (texts: readonly string[]): Promise<readonly Float32Array[]> => {
    const ids = texts.map((text) => cut(tokenizer.encode(text).ids, maxTokens));
    const inputs = paddedInputs(ids, config.pad_token_id ?? 0);
    const tensors = Object.fromEntries(
      // Exports by other tools want the segment ids, ours does not.
      session.inputNames.map((name) => [
        name,
        new runtime.Tensor('int64', inputs.values[name]!, inputs.shape),
      ]),
    );
    const { data } = (await session.run(tensors, [OUTPUT]))[OUTPUT]!;
    return texts.map((_, index) => data.slice(index * dimensions, (index + 1) * dimensions));
  };
  const loadSeconds = Number(process.hrtime.bigint() - beginNs) / 1e9;
  // The first run allocates; no request shall pay for it.
  await embed(['warm-up']);
  const name = config._name_or_path || basename(resolve(modelFolder));
  return { name, dimensions, loadSeconds, embed };
}

function defaultModelFolder(): string {
  const version = readFileSync(join(import.meta.dirname, '../../models/VERSION'), 'utf8').trim();
  return join(cacheFolder, 'models', `minilm-random-${version}`);
}

function readJson(path: string): object {
  return JSON.parse(readFileSync(path, 'utf8')) as object;
}

/** The mark at the end stays. */
function cut(ids: readonly number[], maxTokens: number): readonly number[] {
  return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids.at(-1)!];
}

function paddedInputs(
  ids: readonly (readonly number[])[],
  padId: number,
): { readonly shape: readonly number[]; readonly values: Record<string, BigInt64Array> } {
  const longest = Math.max(...ids.map(({ length }) => length));
  const input_ids = new BigInt64Array(ids.length * longest).fill(BigInt(padId));
  const attention_mask = new BigInt64Array(ids.length * longest);
  for (const [row, own] of ids.entries()) {
    for (const [column, id] of own.entries()) {
      input_ids[row * longest + column] = BigInt(id);
      attention_mask[row * longest + column] = 1n;
    }
  }
  const token_type_ids = new BigInt64Array(ids.length * longest);
  return { shape: [ids.length, longest], values: { input_ids, attention_mask, token_type_ids } };
}
