import { SseParser } from '../../wire/sse/sse-parser.ts';
import { flatElements, type Outputs, type OutputTensor } from '../outputs.ts';
import { RESPONSES_KEPT_LIMIT } from '../limits.ts';

/** What stands beside the tensors in an event. */
const NOT_TENSORS: ReadonlySet<string> = new Set(['model_name', 'model_version', 'id']);

/** The responses to one request to `generate_stream`, as they come. */
export class StreamedResponses {
  /** How many came. */
  count = 0;
  /** What the server said instead of a response; empty where it did not. */
  error = '';
  readonly kept: Outputs[] = [];

  readonly #parser = new SseParser((bytes, from, to) => this.#takeEvent(bytes, from, to));
  #keepsAll = false;
  #problem = '';

  begin(keepsAll: boolean): void {
    this.count = 0;
    this.error = '';
    this.kept.length = 0;
    this.#keepsAll = keepsAll;
    this.#problem = '';
    this.#parser.begin();
  }

  take(bytes: Buffer, from: number, to: number): void {
    this.#parser.take(bytes, from, to);
  }

  /** Why what came is no stream of responses; empty where it is one. */
  get problem(): string {
    if (this.#problem !== '') return this.#problem;
    if (this.#parser.reason !== '') return this.#parser.reason;
    return this.#parser.isWithinEvent ? 'the stream ended within an event' : '';
  }

  #takeEvent(bytes: Buffer, from: number, to: number): void {
    let event: unknown;
    try {
      event = JSON.parse(bytes.toString('utf8', from, to));
    } catch {
      this.#problem = 'an event is no JSON';
      return;
    }
    if (typeof event !== 'object' || event === null || Array.isArray(event)) {
      this.#problem = 'an event is no JSON object';
      return;
    }
    const { error } = event as { readonly error?: unknown };
    if (error !== undefined) {
      this.error = typeof error === 'string' ? error : JSON.stringify(error);
      return;
    }
    this.count++;
    if (!this.#keepsAll) this.kept.length = 0;
    if (this.kept.length < RESPONSES_KEPT_LIMIT) {
      this.kept.push(outputsOf(event as Readonly<Record<string, unknown>>));
    }
  }
}

function outputsOf(event: Readonly<Record<string, unknown>>): Outputs {
  const entries = Object.entries(event).filter(([name]) => !NOT_TENSORS.has(name));
  return Object.fromEntries(
    entries.map(([name, value]): [string, OutputTensor] => {
      const values = flatElements(value);
      return [name, { datatype: undefined, shape: [values.length], values }];
    }),
  );
}
