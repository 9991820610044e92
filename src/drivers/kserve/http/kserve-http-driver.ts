import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { Driver, DriverContext, PreparedOperation, Session, VerbUse } from '../../driver.ts';
import { HttpClient } from '../../vocabulary/http/http-client.ts';
import { prepareRequest } from '../../vocabulary/http/http-request.ts';
import type { LoadModelSpec, UnloadModelSpec } from '../kserve-config.ts';
import { ModelUses } from '../readiness.ts';
import { HttpControl } from './http-control.ts';
import { prepareInfer } from './infer-request.ts';
import { openHttpSession } from './kserve-http-session.ts';

/** KServe v2 over HTTP/1.1. */
export class KserveHttpDriver implements Driver {
  readonly #context: DriverContext;
  readonly #client: HttpClient;
  readonly #models = new ModelUses();

  constructor(context: DriverContext) {
    if (context.connections !== undefined) {
      const reason =
        'connections is for grpc://, over HTTP a connection carries one request at a time';
      throw new LoadgenError('TARGET_NOT_USABLE', { target: context.name, reason });
    }
    this.#context = context;
    this.#client = new HttpClient(context);
  }

  get lateAnswers(): number {
    return this.#client.lateAnswers;
  }

  compile(use: VerbUse): PreparedOperation {
    this.#models.note(use);
    if (use.verb === 'infer') return prepareInfer(use, this.#client.target);
    return prepareRequest(withRequest(use, repositoryRequest(use)), this.#client.target);
  }

  async ready(): Promise<void> {
    const control = new HttpControl(this.#context);
    try {
      await this.#models.awaitReady(control, this.#context);
    } finally {
      control.close();
    }
  }

  open(slot: number): Session {
    return openHttpSession(this.#client, slot);
  }

  close(): void {
    this.#client.close();
  }

  openConnections(): number {
    return this.#client.openConnections();
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.#client.reasons.counts;
  }
}

/** The use as one of the verb `request`, whose body is kept where an error may be read from it. */
function withRequest(use: VerbUse, spec: unknown): VerbUse {
  const fieldsRead = new Set(use.fieldsRead.has('error') ? ['json'] : []);
  return { ...use, spec, fieldsRead };
}

/** Triton's model repository extension. */
function repositoryRequest({ verb, spec }: VerbUse): unknown {
  if (verb === 'loadModel') {
    const { model, config } = spec as LoadModelSpec;
    const path = `/v2/repository/models/${model}/load`;
    if (config === undefined) return { method: 'POST', path };
    return { method: 'POST', path, json: { parameters: { config: JSON.stringify(config) } } };
  }
  const { model, unloadDependents } = spec as UnloadModelSpec;
  const json = { parameters: { unload_dependents: unloadDependents } };
  return { method: 'POST', path: `/v2/repository/models/${model}/unload`, json };
}
