import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import { HTTP_PHASES } from '../vocabulary/http/http-phases.ts';

function time(name: string, description: string): MetricDeclaration {
  return { name, kind: 'histogram', unit: 'ns', description, better: 'lower' };
}

function amount(
  name: string,
  description: string,
  better: MetricDeclaration['better'] = 'neither',
): MetricDeclaration {
  return { name, kind: 'histogram', unit: 'count', description, better };
}

function counter(
  name: string,
  description: string,
  better: MetricDeclaration['better'] = 'neither',
): MetricDeclaration {
  return { name, kind: 'counter', unit: 'count', description, better };
}

/** One value an operation, by the name under which the driver writes it. */
const PHASES = {
  ttft: {
    ...time(
      'ttft',
      'Time to first token: from when the request should have been sent to its first chunk with content, reasoning or a tool call.',
    ),
    ranks: 'operations' as const,
  },
  ttftFromSent: time('ttft_from_sent', 'The same from when the request was sent.'),
  firstChunk: time(
    'first_chunk_time',
    'From when the request was sent to its first chunk of any kind, also one that only names a role.',
  ),
  firstAnswer: time(
    'first_answer_time',
    'From when the request was sent to its first chunk of the answer itself: reasoning does not count.',
  ),
  tpot: time(
    'tpot',
    'Time per output token: (last − first content chunk) ÷ (output tokens − tokens of the first chunk); none for a single token.',
  ),
  outputLength: amount('output_length', 'Output tokens of a request, as the server counts them.'),
  inputLength: amount('input_length', 'Input tokens of a request, as the server counts them.'),
  chunks: amount('chunks', 'Chunks with content, reasoning or a tool call in a request.'),
  userRate: amount(
    'user_token_rate',
    'Output tokens a second that one user sees, 1 ÷ tpot, as a whole number.',
    'higher',
  ),
  audioSecond: time(
    'time_per_audio_second',
    'Service time of a transcription ÷ seconds of its audio: its inverse is the real-time factor of one request.',
  ),
} as const;

const COUNTERS = {
  inputTokens: counter('input_tokens', 'Input tokens of operations that ended ok.'),
  outputTokens: counter('output_tokens', 'Output tokens of operations that ended ok.', 'higher'),
  cachedTokens: counter(
    'cached_tokens',
    'Input tokens that the server says it had in its prefix cache.',
  ),
  reasoningTokens: counter('reasoning_tokens', 'Output tokens that the server calls reasoning.'),
  contentChunks: counter('content_chunks', 'Chunks with content, reasoning or a tool call.'),
  usageMissing: counter(
    'usage_missing',
    'Answers without counts of tokens: they have no tpot, and count no tokens.',
    'lower',
  ),
  firstChunkAssumed: counter(
    'first_chunk_assumed',
    'Streams whose first chunk was taken for one token, since the server counts tokens at the end only.',
  ),
  audioSeconds: counter(
    'audio_seconds',
    'Seconds of audio that were transcribed: their rate is the `real_time_factor`.',
    'higher',
  ),
} as const;

const SAMPLED = {
  gap: time('inter_token_latency', 'The gap between one content chunk and the next.'),
  chunkTokens: amount(
    'tokens_per_chunk',
    'Output tokens that one chunk brought, where the server counts them in each chunk.',
  ),
} as const;

type Places<Table> = Readonly<Record<keyof Table, number>>;

function placesOf<Table extends object>(table: Table, first = 0): Places<Table> {
  const entries = Object.keys(table).map((key, index) => [key, first + index]);
  return Object.fromEntries(entries) as Places<Table>;
}

/** Places in `OperationSlots.phases`, `counts` and `samples`. */
export const PHASE: Places<typeof PHASES> = placesOf(PHASES, HTTP_PHASES.length);
export const COUNT: Places<typeof COUNTERS> = placesOf(COUNTERS);
export const SAMPLE: Places<typeof SAMPLED> = placesOf(SAMPLED);

export const OPENAI_PHASES: readonly MetricDeclaration[] = [
  ...HTTP_PHASES,
  ...Object.values(PHASES),
];
/** Above 1 is faster than real time; some call its inverse by this name. */
const REAL_TIME_FACTOR: MetricDeclaration = {
  name: 'real_time_factor',
  kind: 'gauge',
  unit: 'count',
  description:
    'Seconds of audio transcribed in a second of time, over all the time until then: above 1 is faster than real time.',
  better: 'higher',
  rateOf: COUNTERS.audioSeconds.name,
};

export const OPENAI_RATES: readonly MetricDeclaration[] = [REAL_TIME_FACTOR];
export const OPENAI_COUNTERS: readonly MetricDeclaration[] = Object.values(COUNTERS);
export const OPENAI_SAMPLED: readonly MetricDeclaration[] = Object.values(SAMPLED);

const HTTP_NAMES = HTTP_PHASES.map(({ name }) => name);
const STREAM_NAMES = [
  PHASES.ttft,
  PHASES.ttftFromSent,
  PHASES.firstChunk,
  PHASES.firstAnswer,
  PHASES.tpot,
  PHASES.chunks,
  PHASES.userRate,
  COUNTERS.contentChunks,
  COUNTERS.firstChunkAssumed,
  SAMPLED.gap,
  SAMPLED.chunkTokens,
].map(({ name }) => name);
const INPUT_NAMES = [
  PHASES.inputLength,
  COUNTERS.inputTokens,
  COUNTERS.cachedTokens,
  COUNTERS.usageMissing,
].map(({ name }) => name);
const OUTPUT_NAMES = [PHASES.outputLength, COUNTERS.outputTokens, COUNTERS.reasoningTokens].map(
  ({ name }) => name,
);
const AUDIO_NAMES = [PHASES.audioSecond, COUNTERS.audioSeconds].map(({ name }) => name);

/** What a step can have of these metrics. */
export interface Fed {
  readonly stream: boolean;
  readonly output: boolean;
  readonly audio: boolean;
}

export function namesFed({ stream, output, audio }: Fed): readonly string[] {
  return [
    ...HTTP_NAMES,
    ...INPUT_NAMES,
    ...(output ? OUTPUT_NAMES : []),
    ...(stream ? STREAM_NAMES : []),
    ...(audio ? AUDIO_NAMES : []),
  ];
}
