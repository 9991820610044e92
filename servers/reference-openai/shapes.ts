import type { AskedAnswer } from './request.ts';

/** What a chunk of a stream brings. */
export interface Chunk {
  readonly kind: 'role' | 'reasoning' | 'content';
  readonly text: string;
  /** Output tokens with this chunk. */
  readonly tokensSoFar: number;
}

const CREATED = 1_700_000_000;

/** The chunks of an answer, in order: roles, then reasoning, then content. */
export function chunksOf(asked: AskedAnswer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let i = 0; i < asked.roleChunks && asked.api === 'chat'; i++) {
    chunks.push({ kind: 'role', text: '', tokensSoFar: 0 });
  }
  for (let token = 0; token < asked.maxTokens;) {
    const isReasoning = token < asked.reasoningTokens;
    const limit = isReasoning ? asked.reasoningTokens : asked.maxTokens;
    const next = Math.min(token + asked.tokensPerChunk, limit);
    const words = Array.from({ length: next - token }, (_, i) => ` t${token + i}`);
    const kind = isReasoning ? 'reasoning' : 'content';
    chunks.push({ kind, text: words.join(''), tokensSoFar: next });
    token = next;
  }
  return chunks;
}

export function usageOf(asked: AskedAnswer, outputTokens: number): object {
  const { inputTokens, cachedTokens, api } = asked;
  const reasoning = Math.min(asked.reasoningTokens, outputTokens);
  if (api === 'responses') {
    return {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
      input_tokens_details: { cached_tokens: cachedTokens },
      output_tokens_details: { reasoning_tokens: reasoning },
    };
  }
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

/** One chunk as the data of an event. */
export function chunkData(asked: AskedAnswer, chunk: Chunk, isLast: boolean): string {
  const { api, continuousUsage } = asked;
  if (api === 'responses') {
    const part = chunk.kind === 'reasoning' ? 'reasoning_text' : 'output_text';
    return JSON.stringify({ type: `response.${part}.delta`, delta: chunk.text });
  }
  const usage = continuousUsage ? { usage: usageOf(asked, chunk.tokensSoFar) } : {};
  const finish = isLast ? 'length' : null;
  return JSON.stringify({
    id: 'ref-1',
    object: objectOf(asked),
    created: CREATED,
    model: asked.model,
    choices: [{ index: 0, ...deltaOf(api, chunk), finish_reason: finish }],
    ...usage,
  });
}

function objectOf({ api }: AskedAnswer): string {
  if (api === 'chat') return 'chat.completion.chunk';
  return api === 'transcriptions' ? 'transcription.chunk' : 'text_completion';
}

function deltaOf(api: AskedAnswer['api'], { kind, text }: Chunk): object {
  if (api === 'completions') return { text };
  if (kind === 'role') return { delta: { role: 'assistant', content: '' } };
  return { delta: kind === 'reasoning' ? { reasoning_content: text } : { content: text } };
}

/** What follows the last chunk, without [DONE]. */
export function endData(asked: AskedAnswer): string[] {
  const usage = usageOf(asked, asked.maxTokens);
  if (asked.api === 'responses') {
    return [JSON.stringify({ type: 'response.completed', response: { id: 'ref-1', usage } })];
  }
  if (!asked.includeUsage) return [];
  const { model } = asked;
  const rest = { id: 'ref-1', object: objectOf(asked), created: CREATED, model };
  return [JSON.stringify({ ...rest, choices: [], usage })];
}

/** The text of the whole answer. */
export function textOf(asked: AskedAnswer): string {
  const content = chunksOf(asked).filter(({ kind }) => kind === 'content');
  return content.map(({ text }) => text).join('');
}

/** An answer in one piece. */
export function wholeAnswer(asked: AskedAnswer): object {
  const text = textOf(asked);
  const usage = usageOf(asked, asked.maxTokens);
  const rest = { id: 'ref-1', created: CREATED, model: asked.model, usage };
  switch (asked.api) {
    case 'chat':
      return { ...rest, choices: [{ index: 0, message: { role: 'assistant', content: text } }] };
    case 'completions':
      return { ...rest, choices: [{ index: 0, text }] };
    case 'responses': {
      const content = [{ type: 'output_text', text }];
      return { ...rest, status: 'completed', output: [{ type: 'message', content }] };
    }
    case 'embeddings':
      return { ...rest, data: list(asked, (index) => ({ index, embedding: [index, 0.5, -0.25] })) };
    case 'rerank':
      return { ...rest, results: list(asked, (index) => ({ index, score: -index })).toReversed() };
    case 'transcriptions':
      return { text, duration: asked.audioSeconds };
  }
}

function list<Item>({ inputs }: AskedAnswer, item: (index: number) => Item): Item[] {
  return Array.from({ length: inputs }, (_, index) => item(index));
}
