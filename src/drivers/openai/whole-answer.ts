import { OUTCOME } from '../../measure/metrics/outcome.ts';
import type { VerbName } from './openai-request.ts';
import { serverError } from './stream/read-event.ts';
import type { StreamFailure } from './stream/streamed-answer.ts';
import { isRecord, readUsage, type TokenUsage } from './token-usage.ts';

/** An answer that came in one piece. */
export interface WholeAnswer {
  readonly text: string | undefined;
  readonly usage: TokenUsage | undefined;
  readonly failure: StreamFailure | undefined;
}

/**
 * Reads an answer by the verb it answers. `body` is its text and `json` what that is as JSON:
 * transcriptions may be plain text, everything else is not.
 */
export function readWholeAnswer(verb: VerbName, body: string, json: unknown): WholeAnswer {
  if (!isRecord(json)) return readNoRecord(verb, body, json);
  const error = serverError(json);
  if (error !== undefined) {
    const outcome = error.isOverload ? OUTCOME.rejected : OUTCOME.status_error;
    return failed(outcome, `error in the answer: ${error.code}`);
  }
  return { text: textOf(json), usage: readUsage(json['usage']), failure: undefined };
}

function readNoRecord(verb: VerbName, body: string, json: unknown): WholeAnswer {
  const isPlainText = verb === 'transcribe' && json === undefined && body !== '';
  if (isPlainText) return { text: body, usage: undefined, failure: undefined };
  // Some servers answer rerank with the list of results alone.
  if (Array.isArray(json)) return { text: undefined, usage: undefined, failure: undefined };
  return failed(OUTCOME.protocol_error, 'answer that is no JSON');
}

function failed(outcome: number, reason: string): WholeAnswer {
  return { text: undefined, usage: undefined, failure: { outcome, reason } };
}

function textOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const { choices, text, output } = json;
  if (typeof text === 'string') return text;
  if (Array.isArray(choices)) return choiceText(choices[0]);
  return Array.isArray(output) ? output.map(itemText).join('') : undefined;
}

function choiceText(choice: unknown): string | undefined {
  if (!isRecord(choice)) return undefined;
  const { message, text } = choice;
  const content = isRecord(message) ? message['content'] : text;
  return typeof content === 'string' ? content : undefined;
}

/** An item of a response: a message has parts with texts. */
function itemText(item: unknown): string {
  const content = isRecord(item) && item['type'] === 'message' ? item['content'] : undefined;
  const parts = Array.isArray(content) ? content : [];
  return parts.map(partText).join('');
}

function partText(part: unknown): string {
  const text = isRecord(part) ? part['text'] : undefined;
  return typeof text === 'string' ? text : '';
}
