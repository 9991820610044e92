import { anyModel, type InferenceRequest, type Model } from './models.ts';
import { BadRequest, checkedTensor, type ServerTensor } from './tensors.ts';

/** The model is not there, or not loaded. */
export class UnknownModel extends Error {}

/** What both protocols ask the server for. */
export class Inference {
  readonly #models: Map<string, Model>;
  readonly #takesAnyModel: boolean;
  /** The end of the request before, for each model: they are computed one after another. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(models: Map<string, Model>, { anyModel: takesAnyModel }: { anyModel: boolean }) {
    this.#models = models;
    this.#takesAnyModel = takesAnyModel;
  }

  get models(): readonly Model[] {
    return [...this.#models.values()];
  }

  model(name: string): Model {
    let found = this.#models.get(name);
    if (found === undefined && this.#takesAnyModel)
      this.#models.set(name, (found = anyModel(name)));
    if (found === undefined)
      throw new UnknownModel(`Request for unknown model: '${name}' is not found`);
    return found;
  }

  readyModel(name: string): Model {
    const model = this.model(name);
    if (!model.isLoaded)
      throw new UnknownModel(`Request for unknown model: '${name}' is not loaded`);
    return model;
  }

  setLoaded(name: string, isLoaded: boolean): void {
    this.model(name).isLoaded = isLoaded;
  }

  /** The responses to a request, each with the outputs that were asked for. */
  async *infer(
    name: string,
    request: InferenceRequest,
    wanted: readonly string[],
  ): AsyncIterable<readonly ServerTensor[]> {
    const model = this.readyModel(name);
    const arrivedNs = nowNs();
    try {
      for (const tensor of request.inputs) checkedTensor(tensor);
      checkSignature(model, request);
      if (!model.decoupled) await this.#turn(name);
      const startedNs = nowNs();
      for await (const outputs of model.infer(request)) yield chosen(outputs, wanted, model);
      model.statistics.served(batchOf(request), startedNs - arrivedNs, nowNs() - startedNs);
    } catch (error) {
      model.statistics.failed(nowNs() - arrivedNs);
      throw error;
    }
  }

  /** One event-loop turn after the request before: a queue, so that there is a queue time. */
  async #turn(name: string): Promise<void> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const mine = before.then(() => undefined);
    this.#turns.set(name, mine);
    await mine;
  }
}

function nowNs(): number {
  return Number(process.hrtime.bigint());
}

function batchOf({ inputs }: InferenceRequest): number {
  const [first] = inputs;
  return first !== undefined && first.shape.length > 1 ? first.shape[0]! : 1;
}

function checkSignature({ inputs, name }: Model, request: InferenceRequest): void {
  if (inputs.length === 0) return;
  for (const given of request.inputs) {
    const known = inputs.find((one) => one.name === given.name);
    if (known === undefined) throw new BadRequest(`unexpected input '${given.name}' for '${name}'`);
    if (known.datatype !== given.datatype) {
      throw new BadRequest(
        `input '${given.name}' is ${given.datatype}, expected ${known.datatype}`,
      );
    }
  }
}

function chosen(
  outputs: readonly ServerTensor[],
  wanted: readonly string[],
  { outputs: known, name }: Model,
): readonly ServerTensor[] {
  if (known.length === 0) return wanted.map(zero);
  if (wanted.length === 0) return outputs;
  return wanted.map((one) => {
    const found = outputs.find((tensor) => tensor.name === one);
    if (found === undefined) throw new BadRequest(`unexpected output '${one}' for '${name}'`);
    return found;
  });
}

function zero(name: string): ServerTensor {
  return { name, datatype: 'FP32', shape: [1], bytes: Buffer.alloc(4) };
}
