import { isRecord, readUsage, type TokenUsage } from '../token-usage.ts';
import { BROUGHT } from './stream-events.ts';

/** What one event of a stream says. */
export interface EventFacts {
  /** Bits of BROUGHT. */
  bits: number;
  /** What there is of the answer's text. */
  text: string;
  usage: TokenUsage | undefined;
  /** The server's own word for why it failed; undefined while it has not. */
  error: ServerError | undefined;
  /** The stream says that this was all. */
  isLast: boolean;
}

export interface ServerError {
  readonly code: string;
  readonly isOverload: boolean;
}

/**
 * Reads an event of chat completions, completions, responses or transcriptions. Servers differ in
 * what they leave out, so whatever is not there is taken for nothing.
 */
export function readEvent(value: unknown): EventFacts {
  const facts: EventFacts = {
    bits: 0,
    text: '',
    usage: undefined,
    error: undefined,
    isLast: false,
  };
  if (!isRecord(value)) return facts;
  facts.usage = readUsage(value['usage']);
  facts.error = serverError(value);
  const { choices, type } = value;
  if (Array.isArray(choices)) readChoices(choices, facts);
  else if (typeof type === 'string') readTyped(type, value, facts);
  return facts;
}

/** An error object inside an answer whose status said that all is well. */
export function serverError(value: Readonly<Record<string, unknown>>): ServerError | undefined {
  const { error, object, type } = value;
  if (isRecord(error)) return describeError(error);
  if (typeof error === 'string' && error !== '') return { code: 'error', isOverload: false };
  return object === 'error' || type === 'error' ? describeError(value) : undefined;
}

function describeError(error: Readonly<Record<string, unknown>>): ServerError {
  const { code, type } = error;
  const word = [code, type].find((part) => typeof part === 'string' || typeof part === 'number');
  const isOverload = code === 429 || code === 503 || code === '429' || code === '503';
  return { code: String(word ?? 'error'), isOverload };
}

function readChoices(choices: readonly unknown[], facts: EventFacts): void {
  if (choices.length > 0) facts.bits |= BROUGHT.choices;
  for (const choice of choices) {
    if (!isRecord(choice)) continue;
    const delta = isRecord(choice['delta']) ? choice['delta'] : choice;
    addText(delta['content'] ?? choice['text'], facts);
    if (isText(delta['reasoning_content'] ?? delta['reasoning'])) facts.bits |= BROUGHT.reasoning;
    const { tool_calls: calls, function_call: call } = delta;
    if ((Array.isArray(calls) && calls.length > 0) || isRecord(call))
      facts.bits |= BROUGHT.toolCall;
  }
}

/** Events that say their type: those of responses and of transcriptions. */
function readTyped(
  type: string,
  value: Readonly<Record<string, unknown>>,
  facts: EventFacts,
): void {
  switch (type) {
    case 'response.output_text.delta':
    case 'response.refusal.delta':
    case 'transcript.text.delta':
      facts.bits |= BROUGHT.choices;
      addText(value['delta'], facts);
      break;
    case 'response.reasoning_text.delta':
    case 'response.reasoning_summary_text.delta':
      facts.bits |= BROUGHT.choices;
      if (isText(value['delta'])) facts.bits |= BROUGHT.reasoning;
      break;
    case 'response.function_call_arguments.delta':
      facts.bits |= BROUGHT.choices;
      if (isText(value['delta'])) facts.bits |= BROUGHT.toolCall;
      break;
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
      readFinal(type, value['response'], facts);
      break;
    case 'transcript.text.done':
      facts.isLast = true;
      break;
    default:
  }
}

function readFinal(type: string, response: unknown, facts: EventFacts): void {
  facts.isLast = true;
  const parts = isRecord(response) ? response : {};
  facts.usage ??= readUsage(parts['usage']);
  if (type !== 'response.failed') return;
  facts.error ??= serverError(parts) ?? { code: 'response.failed', isOverload: false };
}

function addText(text: unknown, facts: EventFacts): void {
  if (!isText(text)) return;
  facts.bits |= BROUGHT.content;
  facts.text += text;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
