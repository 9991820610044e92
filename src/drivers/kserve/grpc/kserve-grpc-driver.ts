import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { Driver, DriverContext, PreparedOperation, Session, VerbUse } from '../../driver.ts';
import { GrpcClient } from '../../vocabulary/grpc/grpc-client.ts';
import { framedMessage } from '../../wire/grpc/message-frame.ts';
import type { LoadModelSpec, UnloadModelSpec } from '../kserve-config.ts';
import { ModelUses } from '../readiness.ts';
import { checkHeaders, operationOf, type GrpcTarget } from './grpc-call.ts';
import { GrpcControl } from './grpc-control.ts';
import { slotsOfGrpc } from './grpc-slots.ts';
import { prepareCall } from './infer-call.ts';
import { openGrpcSession } from './kserve-grpc-session.ts';
import { parameterField, textField } from './messages.ts';

/** Of the calls for the repository. */
const MODEL_FIELD = 2;
const PARAMETERS_FIELD = 3;

/** KServe v2 over gRPC. */
export class KserveGrpcDriver implements Driver {
  readonly #context: DriverContext;
  readonly #client: GrpcClient;
  readonly #target: GrpcTarget;
  readonly #slots: OperationSlots;
  readonly #models = new ModelUses();

  constructor(context: DriverContext) {
    this.#context = context;
    this.#slots = context.slots;
    this.#client = new GrpcClient({ ...context, slots: slotsOfGrpc(context.slots) });
    this.#target = { name: context.name, client: this.#client, options: context.options };
  }

  get lateAnswers(): number {
    return this.#client.lateAnswers;
  }

  compile(use: VerbUse): PreparedOperation {
    this.#models.note(use);
    checkHeaders(this.#target, use);
    if (use.verb === 'infer') return prepareCall(use, this.#target);
    const { method, message } = repositoryCall(use);
    const operation = operationOf(this.#target, { method, timeoutMs: use.timeoutMs });
    const request = { operation, literals: '', pieces: [framedMessage(message)] };
    return { bind: () => request };
  }

  async ready(): Promise<void> {
    const control = new GrpcControl(this.#context);
    try {
      await this.#models.awaitReady(control, this.#context);
    } finally {
      control.close();
    }
  }

  open(slot: number): Session {
    return openGrpcSession(this.#client, this.#slots, slot);
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

/** Triton's model repository extension. */
function repositoryCall({ verb, spec }: VerbUse): { method: string; message: Buffer } {
  if (verb === 'loadModel') {
    const { model, config } = spec as LoadModelSpec;
    const fields = [textField(MODEL_FIELD, model)];
    if (config !== undefined) {
      fields.push(parameterField(PARAMETERS_FIELD, 'config', JSON.stringify(config)));
    }
    return { method: 'RepositoryModelLoad', message: Buffer.concat(fields) };
  }
  const { model, unloadDependents } = spec as UnloadModelSpec;
  const message = Buffer.concat([
    textField(MODEL_FIELD, model),
    parameterField(PARAMETERS_FIELD, 'unload_dependents', unloadDependents),
  ]);
  return { method: 'RepositoryModelUnload', message };
}
