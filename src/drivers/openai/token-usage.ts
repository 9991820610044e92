/** Counts of tokens as a server states them; undefined where it does not. */
export interface TokenUsage {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cached: number | undefined;
  readonly reasoning: number | undefined;
}

/**
 * A `usage` object under the names of chat completions or of responses (platform.openai.com/docs,
 * "The chat completion object", "The response object"). Undefined where it is none.
 */
export function readUsage(usage: unknown): TokenUsage | undefined {
  if (!isRecord(usage)) return undefined;
  const inputDetails = usage['prompt_tokens_details'] ?? usage['input_tokens_details'];
  const outputDetails = usage['completion_tokens_details'] ?? usage['output_tokens_details'];
  const read = {
    input: count(usage['prompt_tokens'] ?? usage['input_tokens']),
    output: count(usage['completion_tokens'] ?? usage['output_tokens']),
    cached: isRecord(inputDetails) ? count(inputDetails['cached_tokens']) : undefined,
    reasoning: isRecord(outputDetails) ? count(outputDetails['reasoning_tokens']) : undefined,
  };
  return read.input === undefined && read.output === undefined ? undefined : read;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
