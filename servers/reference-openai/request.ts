import type { IncomingMessage } from 'node:http';
import type { AnswerOptions } from './options.ts';

export type Api = 'chat' | 'completions' | 'responses' | 'embeddings' | 'rerank' | 'transcriptions';

/** What of a request decides over its answer. */
export interface AskedAnswer extends AnswerOptions {
  readonly api: Api;
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly continuousUsage: boolean;
  readonly maxTokens: number;
  readonly inputTokens: number;
  /** Texts of an embedding or documents of a rerank. */
  readonly inputs: number;
  readonly audioSeconds: number;
}

const DEFAULT_TOKENS = 16;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Undefined where the body is not what the API takes. */
export function readRequest(
  api: Api,
  body: Buffer,
  defaults: AnswerOptions,
): AskedAnswer | undefined {
  const fields = api === 'transcriptions' ? formFields(body) : jsonFields(body);
  if (fields === undefined) return undefined;
  const own = fields['reference'];
  const changed = typeof own === 'string' ? JSON.parse(own) : own;
  const options = fields['stream_options'] as Record<string, boolean> | undefined;
  const { max_tokens, max_completion_tokens, max_output_tokens } = fields;
  const input = fields['messages'] ?? fields['prompt'] ?? fields['input'] ?? '';
  const documents = fields['documents'];
  return {
    ...defaults,
    ...(changed as object),
    api,
    model: typeof fields['model'] === 'string' ? fields['model'] : 'reference',
    stream: fields['stream'] === true || fields['stream'] === 'true',
    includeUsage: options?.['include_usage'] === true || api === 'responses',
    continuousUsage: options?.['continuous_usage_stats'] === true,
    maxTokens: Number(max_tokens ?? max_completion_tokens ?? max_output_tokens ?? DEFAULT_TOKENS),
    inputTokens: tokensOf(input),
    inputs: Array.isArray(documents) ? documents.length : Array.isArray(input) ? input.length : 1,
    audioSeconds: api === 'transcriptions' ? audioSeconds(body) : 0,
  };
}

function jsonFields(body: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** The text fields of a form in parts (RFC 7578); undefined where there is no file in it. */
function formFields(body: Buffer): Record<string, unknown> | undefined {
  const text = body.toString('latin1');
  if (!/name="file"; filename="/.test(text)) return undefined;
  const fields: Record<string, unknown> = {};
  const parts = text.matchAll(/name="([^"]+)"(?:\r\n[^\r\n]+)*\r\n\r\n([^\r]*)\r\n--/g);
  for (const [, name, value] of parts) fields[name!] = value;
  return fields;
}

/** Seconds of the WAV file in a form: bytes of sound over bytes a second. */
function audioSeconds(body: Buffer): number {
  const riff = body.indexOf('RIFF');
  const data = body.indexOf('data', riff);
  if (riff < 0 || data < 0) return 0;
  return body.readUInt32LE(data + 4) / body.readUInt32LE(riff + 28);
}

/** A list of numbers is a list of tokens; of texts every word is one. */
function tokensOf(input: unknown): number {
  if (typeof input === 'string') return input.split(/\s+/).filter((word) => word !== '').length;
  if (!Array.isArray(input)) return 0;
  return input.reduce((sum: number, item: unknown) => {
    if (typeof item === 'number') return sum + 1;
    const content = (item as { content?: unknown } | null)?.content;
    return sum + tokensOf(content ?? item);
  }, 0);
}
