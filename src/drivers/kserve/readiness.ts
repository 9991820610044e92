import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';
import { NS_PER_MS, NS_PER_SECOND, sleep, type Clock } from '../../base/time/clock.ts';
import { modelMisfit } from './check-model.ts';
import type { DriverContext, VerbUse } from '../driver.ts';
import type { InferSpec, LoadModelSpec } from './kserve-config.ts';
import type { ModelName, ServerControl } from './model-facts.ts';

/** How long a server that answers may take to become ready, unless the target says otherwise. */
const READY_TIMEOUT_NS: number = 30 * NS_PER_SECOND;
const ASK_EVERY_MS = 100;

/** The models that the steps of one target use. */
export class ModelUses {
  /** The steps that ask models. */
  readonly #steps: InferSpec[] = [];
  /** Models that steps load themselves: nothing can be said about them before. */
  readonly #loadedBySteps = new Set<string>();

  #isUsed = false;

  note({ verb, spec }: Pick<VerbUse, 'verb' | 'spec'>): void {
    this.#isUsed = true;
    if (verb === 'infer') this.#steps.push(spec as InferSpec);
    if (verb === 'loadModel') this.#loadedBySteps.add((spec as LoadModelSpec).model);
  }

  /**
   * Waits until server and models are ready, and holds what the models say against the steps.
   * Throws TARGET_UNREACHABLE or TARGET_NOT_USABLE.
   */
  async awaitReady(control: ServerControl, context: DriverContext): Promise<void> {
    if (!this.#isUsed) return;
    const wait = new ReadyWait(control, context);
    await wait.until('it', () => wait.serverIsReady());
    const ready = new Set<string>();
    for (const step of this.#steps) {
      if (this.#loadedBySteps.has(step.model)) continue;
      const key = JSON.stringify([step.model, step.version]);
      if (!ready.has(key)) await wait.until(`model ${step.model}`, () => wait.modelIsReady(step));
      ready.add(key);
      await wait.check(step);
    }
  }
}

class ReadyWait {
  readonly #control: ServerControl;
  readonly #context: DriverContext;
  readonly #clock: Clock;
  /** Where the target gives none, a server that cannot be reached is not waited for. */
  readonly #isPatient: boolean;
  readonly #timeoutNs: number;
  readonly #deadlineNs: number;

  constructor(control: ServerControl, context: DriverContext) {
    const { readyTimeout } = context.options as { readonly readyTimeout?: number };
    this.#control = control;
    this.#context = context;
    this.#clock = context.clock;
    this.#isPatient = readyTimeout !== undefined;
    this.#timeoutNs = readyTimeout ?? READY_TIMEOUT_NS;
    this.#deadlineNs = this.#clock.nowNs() + this.#timeoutNs;
  }

  async until(what: string, isReady: () => Promise<boolean>): Promise<void> {
    while (!(await isReady())) {
      if (this.#clock.nowNs() >= this.#deadlineNs) {
        throw this.#unreachable(`${what} is not ready after ${this.#timeoutNs / NS_PER_MS} ms`);
      }
      await sleep(this.#clock, ASK_EVERY_MS);
    }
  }

  async serverIsReady(): Promise<boolean> {
    try {
      return await this.#control.isServerReady();
    } catch (error) {
      const waits = this.#isPatient && this.#clock.nowNs() < this.#deadlineNs;
      if (!waits) throw this.#unreachable(reasonOf(error));
      return false;
    }
  }

  /** Whoever names a model that is not there hears it at once. */
  async modelIsReady(name: ModelName): Promise<boolean> {
    if (await this.#asked(() => this.#control.isModelReady(name))) return true;
    const known = await this.#asked(() => this.#control.repository());
    if (known === undefined || known.includes(name.model)) return false;
    throw this.#notUsable(`it has no model ${name.model}; it has ${known.join(', ')}`);
  }

  async check(step: InferSpec): Promise<void> {
    const misfit = modelMisfit(step, await this.#asked(() => this.#control.modelFacts(step)));
    if (misfit !== undefined) throw this.#notUsable(misfit);
  }

  async #asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      throw this.#unreachable(reasonOf(error));
    }
  }

  #unreachable(reason: string): LoadgenError {
    const { name: target, url } = this.#context;
    return new LoadgenError('TARGET_UNREACHABLE', { target, url, reason });
  }

  #notUsable(reason: string): LoadgenError {
    return new LoadgenError('TARGET_NOT_USABLE', { target: this.#context.name, reason });
  }
}
