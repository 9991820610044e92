import {
  compileJsonTemplate,
  compileTemplate,
  compileValue,
} from '../../../base/expressions/compile-template.ts';
import { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { DriverContext, VerbUse } from '../../driver.ts';
import { HttpClient } from '../../vocabulary/http/http-client.ts';
import { HTTP_PHASES } from '../../vocabulary/http/http-phases.ts';
import { prepareRequest } from '../../vocabulary/http/http-request.ts';
import type { HttpSession } from '../../vocabulary/http/http-session.ts';
import type {
  ModelFacts,
  ModelName,
  ModelStatistics,
  ServerControl,
  TensorFact,
} from '../model-facts.ts';
import { modelPath } from './infer-request.ts';

const TIMEOUT_MS = 10_000;

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/** Asks a server over HTTP for what is no load: a client of its own with one connection. */
export class HttpControl implements ServerControl {
  readonly #client: HttpClient;
  readonly #slots = new OperationSlots(1, HTTP_PHASES.length);
  readonly #session: HttpSession;

  constructor(context: DriverContext) {
    this.#client = new HttpClient({ ...context, connection: 'perVu', slots: this.#slots });
    this.#session = this.#client.open(0);
  }

  async isServerReady(): Promise<boolean> {
    return (await this.#ask('/v2/health/ready')).status === 200;
  }

  async isModelReady(name: ModelName): Promise<boolean> {
    return (await this.#ask(`${modelPath(name)}/ready`)).status === 200;
  }

  async repository(): Promise<readonly string[] | undefined> {
    const { status, json } = await this.#ask('/v2/repository/index', {});
    if (status !== 200 || !Array.isArray(json)) return undefined;
    return (json as readonly { readonly name: string }[]).map(({ name }) => name);
  }

  async modelFacts(name: ModelName): Promise<ModelFacts> {
    const { status, json } = await this.#ask(modelPath(name));
    if (status !== 200) throw new Error(`model ${name.model}: its metadata has status ${status}`);
    const { inputs = [], outputs = [] } = json as Partial<ModelFacts>;
    return {
      inputs: inputs.map(factOf),
      outputs: outputs.map(factOf),
      ...(await this.#config(name)),
    };
  }

  async statistics(): Promise<readonly ModelStatistics[]> {
    const { status, json } = await this.#ask('/v2/models/stats');
    if (status !== 200) throw new Error(`its statistics have status ${status}`);
    return (json as { readonly model_stats: readonly ModelStatistics[] }).model_stats;
  }

  close(): void {
    this.#client.close();
  }

  /** Triton's model configuration extension. */
  async #config(name: ModelName): Promise<Pick<ModelFacts, 'optionalInputs' | 'isDecoupled'>> {
    const { status, json } = await this.#ask(`${modelPath(name)}/config`);
    if (status !== 200) return { optionalInputs: undefined, isDecoupled: undefined };
    const { input = [], model_transaction_policy: policy } = json as {
      readonly input?: readonly { readonly name: string; readonly optional?: boolean }[];
      readonly model_transaction_policy?: { readonly decoupled?: boolean };
    };
    return {
      optionalInputs: input.filter(({ optional }) => optional).map((one) => one.name),
      isDecoupled: policy?.decoupled === true,
    };
  }

  /** A GET, or a POST of `body`. Rejects with why there was no answer. */
  async #ask(path: string, body?: object): Promise<Answer> {
    const request = prepareRequest(use(path, body), this.#client.target).bind({});
    this.#slots.acquired[0] = this.#client.clock.nowNs();
    const known = new Map(this.#client.reasons.counts);
    await new Promise<void>((resolve) => this.#session.execute(request, 0, resolve));
    const { status, json } = this.#session.result as Partial<Answer>;
    if (status !== undefined) return { status, json };
    const counts = [...this.#client.reasons.counts];
    const [reason] = counts.find(([one, count]) => count !== known.get(one)) ?? ['no answer'];
    throw new Error(reason);
  }
}

function factOf({ name, datatype, shape }: TensorFact): TensorFact {
  return { name, datatype, shape: shape.map(Number) };
}

function use(path: string, body: object | undefined): VerbUse {
  const environment = { roots: 'any' } as const;
  return {
    verb: 'request',
    spec: { path, ...(body !== undefined && { json: body }) },
    timeoutMs: TIMEOUT_MS,
    fieldsRead: new Set(['json']),
    template: (text, place) => compileTemplate(text, place, environment),
    json: (value) => compileJsonTemplate(value, environment),
    value: (text) => compileValue(text, environment),
  };
}
