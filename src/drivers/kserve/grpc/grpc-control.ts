import { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { DriverContext } from '../../driver.ts';
import { GrpcClient } from '../../vocabulary/grpc/grpc-client.ts';
import { GRPC_COUNTERS, GRPC_PHASES, GRPC_SAMPLED } from '../../vocabulary/grpc/grpc-phases.ts';
import type { GrpcSession } from '../../vocabulary/grpc/grpc-session.ts';
import { framedMessage } from '../../wire/grpc/message-frame.ts';
import type {
  DurationStatistic,
  ModelFacts,
  ModelName,
  ModelStatistics,
  ServerControl,
  TensorFact,
} from '../model-facts.ts';
import { operationOf } from './grpc-call.ts';
import { nested, readerOf, readFields, readTensorFact, textField } from './messages.ts';

const TIMEOUT_MS = 10_000;
const NOTHING = Buffer.alloc(0);

/** The fields of InferStatistics, from 1. */
const STATISTICS = [
  'success',
  'fail',
  'queue',
  'compute_input',
  'compute_infer',
  'compute_output',
  'cache_hit',
  'cache_miss',
];

/** Asks a server over gRPC for what is no load: a client of its own with one connection. */
export class GrpcControl implements ServerControl {
  readonly #context: DriverContext;
  readonly #client: GrpcClient;
  readonly #slots = new OperationSlots(1, GRPC_PHASES.length, {
    counts: GRPC_COUNTERS.length,
    samples: GRPC_SAMPLED.length,
  });
  readonly #session: GrpcSession;

  constructor(context: DriverContext) {
    this.#context = context;
    this.#client = new GrpcClient({ ...context, connection: 'perVu', slots: this.#slots });
    this.#session = this.#client.open(0);
  }

  async isServerReady(): Promise<boolean> {
    return readFlag(await this.#ask('ServerReady'));
  }

  /** Servers refuse the question where they do not know the model. */
  async isModelReady(name: ModelName): Promise<boolean> {
    return readFlag(await this.#ask('ModelReady', nameFields(name)));
  }

  async repository(): Promise<readonly string[] | undefined> {
    const answer = await this.#ask('RepositoryIndex');
    if (answer === undefined) return undefined;
    const names: string[] = [];
    readFields(readerOf(answer), {
      1: (model) => readFields(nested(model), { 1: (reader) => void names.push(reader.string()) }),
    });
    return names;
  }

  async modelFacts(name: ModelName): Promise<ModelFacts> {
    const answer = await this.#ask('ModelMetadata', nameFields(name));
    if (answer === undefined) throw new Error(`model ${name.model}: it does not tell its metadata`);
    const inputs: TensorFact[] = [];
    const outputs: TensorFact[] = [];
    readFields(readerOf(answer), {
      4: (reader) => void inputs.push(readTensorFact(nested(reader))),
      5: (reader) => void outputs.push(readTensorFact(nested(reader))),
    });
    return { inputs, outputs, ...(await this.#config(name)) };
  }

  async statistics(): Promise<readonly ModelStatistics[]> {
    const answer = await this.#ask('ModelStatistics');
    if (answer === undefined) throw new Error('it does not tell its statistics');
    const models: ModelStatistics[] = [];
    readFields(readerOf(answer), { 1: (model) => void models.push(readStatistics(nested(model))) });
    return models;
  }

  close(): void {
    this.#client.close();
  }

  /** Triton's model configuration extension. */
  async #config(name: ModelName): Promise<Pick<ModelFacts, 'optionalInputs' | 'isDecoupled'>> {
    const answer = await this.#ask('ModelConfig', nameFields(name));
    if (answer === undefined) return { optionalInputs: undefined, isDecoupled: undefined };
    const optionalInputs: string[] = [];
    let isDecoupled = false;
    readFields(readerOf(answer), {
      1: (config) =>
        readFields(nested(config), {
          5: (input) => {
            let one = '';
            let isOptional = false;
            readFields(nested(input), {
              1: (reader) => void (one = reader.string()),
              8: (reader) => void (isOptional = reader.bool()),
            });
            if (isOptional) optionalInputs.push(one);
          },
          19: (policy) =>
            readFields(nested(policy), { 1: (reader) => void (isDecoupled = reader.bool()) }),
        }),
    });
    return { optionalInputs, isDecoupled };
  }

  /** Undefined where the server refuses to answer; rejects with why there was no answer. */
  async #ask(method: string, message: Buffer = NOTHING): Promise<Buffer | undefined> {
    const { name, options } = this.#context;
    const target = { name, client: this.#client, options };
    const operation = operationOf(target, { method, timeoutMs: TIMEOUT_MS, keepsMessages: true });
    const request = { operation, literals: '', pieces: [framedMessage(message)] };
    this.#slots.acquired[0] = this.#client.clock.nowNs();
    const known = new Map(this.#client.reasons.counts);
    await new Promise<void>((resolve) => this.#session.execute(request, 0, resolve));
    const { code, kept } = this.#session.answer;
    if (code === 'OK') return kept[0];
    if (code !== undefined) return undefined;
    const counts = [...this.#client.reasons.counts];
    const [reason] = counts.find(([one, count]) => count !== known.get(one)) ?? ['no answer'];
    throw new Error(reason);
  }
}

function nameFields({ model, version }: ModelName): Buffer {
  const name = textField(1, model);
  return version === undefined ? name : Buffer.concat([name, textField(2, String(version))]);
}

function readFlag(answer: Buffer | undefined): boolean {
  let flag = false;
  if (answer !== undefined) {
    readFields(readerOf(answer), { 1: (reader) => void (flag = reader.bool()) });
  }
  return flag;
}

function readStatistics(reader: ReturnType<typeof readerOf>): ModelStatistics {
  let name = '';
  let inferences = 0;
  let executions = 0;
  const parts: Record<string, DurationStatistic> = {};
  readFields(reader, {
    1: (field) => void (name = field.string()),
    4: (field) => void (inferences = Number(field.uint64())),
    5: (field) => void (executions = Number(field.uint64())),
    6: (field) =>
      readFields(
        nested(field),
        Object.fromEntries(
          STATISTICS.map((part, index) => [
            index + 1,
            (duration: typeof reader) => void (parts[part] = readDuration(nested(duration))),
          ]),
        ),
      ),
  });
  return {
    name,
    inference_count: inferences,
    execution_count: executions,
    inference_stats: parts,
  };
}

function readDuration(reader: ReturnType<typeof readerOf>): DurationStatistic {
  let count = 0;
  let ns = 0;
  readFields(reader, {
    1: (field) => void (count = Number(field.uint64())),
    2: (field) => void (ns = Number(field.uint64())),
  });
  return { count, ns };
}
