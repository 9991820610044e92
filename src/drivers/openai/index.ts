import { hasPlaceholder } from '../../base/expressions/placeholders.ts';
import type { DriverDefinition, FileUse, VerbDefinition } from '../driver.ts';
import {
  checkHttpConnection,
  httpConnectionFiles,
} from '../vocabulary/http/http-connection-checks.ts';
import { DIALECTS, DIALECT_PHASES, DIALECT_SAMPLED, dialectNames } from './dialects/registry.ts';
import {
  chatSchema,
  completeSchema,
  embedSchema,
  openaiTargetOptions,
  rerankSchema,
  respondSchema,
  transcribeSchema,
  type TranscribeSpec,
} from './openai-config.ts';
import {
  namesFed,
  OPENAI_COUNTERS,
  OPENAI_PHASES,
  OPENAI_RATES,
  OPENAI_SAMPLED,
} from './openai-metrics.ts';
import { SLO_PRESETS } from './slo-presets.ts';

const RESULT = {
  status: 'The status code as a number.',
  text: 'The text of the answer.',
  usage: 'Counts of tokens: input, output, cached and reasoning, as far as the server says.',
  json: 'A whole answer as JSON; missing where it was streamed.',
};

interface Kind {
  readonly summary: string;
  readonly schema: VerbDefinition['schema'];
  readonly streams: boolean;
  readonly output: boolean;
  readonly audio?: boolean;
  readonly more?: Readonly<Record<string, string>>;
}

function verb({
  summary,
  schema,
  streams,
  output,
  audio = false,
  more = {},
}: Kind): VerbDefinition {
  return {
    summary,
    schema,
    resultFields: { ...RESULT, ...more },
    statusFields: ['status'],
    feeds(spec, dialects) {
      const stream = streams && (spec as { readonly stream?: boolean }).stream === true;
      return [...namesFed({ stream, output, audio }), ...(stream ? dialectNames(dialects) : [])];
    },
  };
}

/** Everything that speaks OpenAI's HTTP protocol: vLLM, transformers serve, speech servers, … */
export const driver: DriverDefinition = {
  name: 'openai',
  summary: 'Models behind OpenAI’s HTTP protocol: chat, completions, embeddings, speech',
  schemes: ['http', 'https', 'unix'],
  targetOptions: openaiTargetOptions,
  checkTarget: checkHttpConnection,
  targetFiles: httpConnectionFiles,
  verbs: {
    chat: verb({
      summary: 'Asks for the next message of a conversation.',
      schema: chatSchema,
      streams: true,
      output: true,
    }),
    complete: verb({
      summary: 'Asks for what follows a prompt, which may be token ids.',
      schema: completeSchema,
      streams: true,
      output: true,
    }),
    respond: verb({
      summary: 'Asks for a response (the Responses API).',
      schema: respondSchema,
      streams: true,
      output: true,
    }),
    embed: verb({
      summary: 'Asks for the embeddings of texts.',
      schema: embedSchema,
      streams: false,
      output: false,
      more: { outputs: 'The embeddings, in the order of the inputs.' },
    }),
    rerank: verb({
      summary: 'Asks for documents in the order in which they fit a query.',
      schema: rerankSchema,
      streams: false,
      output: false,
      more: { ids: 'Indices of the documents, the best first.' },
    }),
    transcribe: {
      ...verb({
        summary: 'Uploads a sound file and asks for its text.',
        schema: transcribeSchema,
        streams: true,
        output: true,
        audio: true,
      }),
      files: (spec) => soundFile(spec as TranscribeSpec),
    },
  },
  phases: [...OPENAI_PHASES, ...DIALECT_PHASES],
  counters: OPENAI_COUNTERS,
  rates: OPENAI_RATES,
  sampled: [...OPENAI_SAMPLED, ...DIALECT_SAMPLED],
  dialects: Object.fromEntries(
    Object.entries(DIALECTS).map(([name, { title, source }]) => [name, { title, source }]),
  ),
  sloPresets: SLO_PRESETS,
  capabilities: { multiplexes: false, stamps: 'socket', maxInFlightPerSession: 1 },
  async load() {
    const { OpenaiDriver } = await import('./openai-driver.ts');
    return { create: (context) => new OpenaiDriver(context) };
  },
};

function soundFile({ file }: TranscribeSpec): FileUse[] {
  return hasPlaceholder(file) ? [] : [{ path: ['file'], file }];
}
