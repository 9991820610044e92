import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { DriverContext, Session } from '../../driver.ts';
import type { FailureReasons } from '../failure-reasons.ts';
import {
  assertKept,
  settingsAsked,
  SettingsNotKept,
  toldSettings,
  type MadeIndex,
  type ToldSettings,
} from './index-settings.ts';
import type { CreateCall, VectorCall } from './vector-calls.ts';
import type { Failure, VectorClient } from './vector-client.ts';
import { READY_STATES, type ReadyState } from './vector-schemas.ts';
import { VectorResult, type VectorAnswer } from './vector-result.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const NO_SLOT = -1;

/** A call with the time it may take. */
export interface BoundCall {
  readonly call: VectorCall;
  readonly timeoutNs: number;
}

/** What the sessions of one target share. */
export interface CallSurroundings {
  readonly context: DriverContext;
  readonly client: VectorClient;
  readonly reasons: FailureReasons;
  /** Where READY_PHASES begin among the phases of a slot. */
  readonly readyPhases: number;
  /** What the server says that it keeps of a collection that was made. */
  keeps(collection: string, settings: ToldSettings): void;
  /** A complete answer came after its timeout. */
  late(): void;
}

/** Runs one call of a client at a time and stamps around it: what the client does inside is its own. */
export class CallSession implements Session {
  readonly #shared: CallSurroundings;
  readonly #timer: number;
  readonly #result = new VectorResult();
  #slot = NO_SLOT;
  #abort = new AbortController();
  #ended: () => void = () => {};
  #sentNs = 0;
  #deadlineNs = 0;
  #timeoutNs = 0;
  #isConnected = false;

  constructor(shared: CallSurroundings, timer: number) {
    this.#shared = shared;
    this.#timer = timer;
  }

  get usable(): boolean {
    return this.#slot === NO_SLOT && this.#isConnected;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#result as unknown as Readonly<Record<string, unknown>>;
  }

  async connect(): Promise<boolean> {
    this.#isConnected = await this.#shared.client.connect();
    return this.#isConnected;
  }

  execute(request: unknown, slot: number, ended: () => void): void {
    if (this.#slot !== NO_SLOT) {
      throw new LoadgenError('BUG', { reason: 'a vector session was used for two things at once' });
    }
    const { slots, wheel, clock } = this.#shared.context;
    const { call, timeoutNs } = request as BoundCall;
    this.#slot = slot;
    this.#ended = ended;
    this.#abort = new AbortController();
    this.#timeoutNs = timeoutNs;
    this.#result.clear();
    for (const phase of slots.phases) phase[slot] = Number.NaN;
    slots.free[slot] = Number.NaN;
    slots.granted[slot] = slots.acquired[slot]!;
    this.#deadlineNs = slots.granted[slot]! + timeoutNs;
    wheel.arm(this.#timer, this.#deadlineNs);
    this.#sentNs = clock.nowNs();
    this.#start(call, slots.generation[slot]!);
  }

  abort(slot: number, outcome: number): void {
    if (slot !== this.#slot) return;
    this.#abort.abort();
    this.#finish(outcome, this.#shared.context.clock.nowNs());
  }

  close(): void {
    if (this.#slot !== NO_SLOT) this.abort(this.#slot, OUTCOME.interrupted);
  }

  /** The timer of this session expired. */
  expire(): void {
    const { clock, slots } = this.#shared.context;
    const slot = this.#slot;
    const generation = slots.generation[slot];
    // Timers run before the poll for I/O: an answer that waits in the kernel is read first.
    clock.nextTurn(() => {
      if (this.#slot !== slot || slots.generation[slot] !== generation) return;
      this.#shared.reasons.count(this.#timeoutReason());
      this.abort(slot, OUTCOME.timeout);
    });
  }

  #start(call: VectorCall, generation: number): void {
    const { clock, slots } = this.#shared.context;
    const slot = this.#slot;
    // What comes after the operation was given up belongs to nobody.
    const isOver = (): boolean => this.#slot !== slot || slots.generation[slot] !== generation;
    this.#run(call).then(
      (answer) => isOver() || this.#answered(answer, clock.nowNs()),
      (thrown: unknown) => isOver() || this.#failed(thrown, clock.nowNs()),
    );
  }

  async #run(call: VectorCall): Promise<VectorAnswer> {
    const { client } = this.#shared;
    const { signal } = this.#abort;
    switch (call.verb) {
      case 'search':
        return { found: await client.search(call, signal) };
      case 'ingest':
      case 'update':
        await client.write(call, signal);
        return { count: call.ids.length };
      case 'delete':
        await client.delete(call, signal);
        return {};
      case 'create':
        return { kept: await this.#create(call, signal) };
      case 'drop':
        await client.drop(call, signal);
        return {};
      case 'ready': {
        const { clock } = this.#shared.context;
        const reached = (state: ReadyState): void => this.#reached(state);
        const made = (index: MadeIndex): void => void this.#made(call.collection, index);
        return { rows: await waitUntilReady(client, call, { clock, signal, reached, made }) };
      }
    }
  }

  async #create(call: CreateCall, signal: AbortSignal): Promise<ToldSettings> {
    const { client } = this.#shared;
    await client.create(call, signal);
    const kept = await client.settings(call.collection, signal);
    return this.#made(call.collection, { asked: settingsAsked(call), kept });
  }

  #made(collection: string, index: MadeIndex): ToldSettings {
    const told = toldSettings(index.kept);
    this.#shared.keeps(collection, told);
    assertKept(index);
    return told;
  }

  #reached(state: ReadyState): void {
    const { slots, clock } = this.#shared.context;
    const phase = this.#shared.readyPhases + READY_STATES.indexOf(state);
    slots.phases[phase]![this.#slot] = clock.nowNs() - this.#sentNs;
  }

  #answered(answer: VectorAnswer, stampNs: number): void {
    if (stampNs <= this.#deadlineNs) {
      this.#result.fill(answer);
      this.#finish(OUTCOME.ok, stampNs);
      return;
    }
    this.#shared.late();
    this.#shared.reasons.count(this.#timeoutReason());
    this.#finish(OUTCOME.timeout, stampNs);
  }

  #failed(thrown: unknown, stampNs: number): void {
    const { outcome, reason } = this.#failureOf(thrown);
    this.#shared.reasons.count(reason);
    if (outcome === OUTCOME.connect_failed) this.#sentNs = 0;
    this.#finish(outcome, stampNs);
  }

  #failureOf(thrown: unknown): Failure {
    if (!(thrown instanceof SettingsNotKept)) return this.#shared.client.failureOf(thrown);
    return { outcome: OUTCOME.check_failed, reason: thrown.message };
  }

  #timeoutReason(): string {
    return `no answer within ${this.#timeoutNs / NS_PER_MS} ms`;
  }

  #finish(outcome: number, doneNs: number): void {
    const { slots, wheel } = this.#shared.context;
    const slot = this.#slot;
    wheel.cancel(this.#timer);
    slots.sent[slot] = this.#sentNs;
    slots.done[slot] = doneNs;
    slots.outcome[slot] = outcome;
    // The client shows neither its socket nor its bytes.
    slots.bytesSent[slot] = 0;
    slots.bytesReceived[slot] = 0;
    slots.generation[slot]!++;
    if (outcome !== OUTCOME.ok) this.#result.clear();
    this.#slot = NO_SLOT;
    this.#ended();
  }
}
