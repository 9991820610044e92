import { OUTCOME } from '../../measure/metrics/outcome.ts';
import type { Driver, DriverContext, PreparedOperation, Session, VerbUse } from '../driver.ts';
import { HttpClient } from '../vocabulary/http/http-client.ts';
import { AudioFiles } from './audio-files.ts';
import { dialectPlaces } from './dialects/registry.ts';
import { OpenaiAnswer, type AnswerSurroundings } from './openai-answer.ts';
import { openaiTargetOptions, type OpenaiTargetOptions } from './openai-config.ts';
import { prepareOpenaiRequest, type RequestSurroundings } from './openai-request.ts';
import { OpenaiSession } from './openai-session.ts';

/** What all sessions of one target in one worker share. */
export class OpenaiDriver implements Driver {
  readonly #client: HttpClient;
  readonly #surroundings: RequestSurroundings;
  readonly #shared: AnswerSurroundings;
  readonly #firstCancelTimer: number;
  readonly #sessions: (Session | undefined)[] = [];

  constructor(context: DriverContext) {
    const { slots, wheel, dialects = [] } = context;
    this.#client = new HttpClient(context);
    const { target, files, reasons } = this.#client;
    const options = { ...DEFAULTS, ...(context.options as Partial<OpenaiTargetOptions>) };
    const audio = new AudioFiles((path) => files.pathOf(path));
    this.#surroundings = { target, options, audio, seed: context.seed };
    this.#shared = {
      slots,
      wheel,
      reasons,
      needsDone: options.streamEnd === 'done',
      dialects: dialectPlaces(dialects),
    };
    this.#firstCancelTimer = wheel.register(slots.count, (slot) =>
      this.#sessions[slot]?.abort(slot, OUTCOME.cancelled),
    );
  }

  get lateAnswers(): number {
    return this.#client.lateAnswers;
  }

  compile(use: VerbUse): PreparedOperation {
    return prepareOpenaiRequest(use, this.#surroundings);
  }

  open(slot: number): Session {
    const answer = new OpenaiAnswer(this.#shared, this.#firstCancelTimer + slot);
    const http = this.#client.open(slot, answer);
    const session = new OpenaiSession(http, answer.belongsTo(http));
    this.#sessions[slot] = session;
    return session;
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

const DEFAULTS = openaiTargetOptions.parse({});
