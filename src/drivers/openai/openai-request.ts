import type { Scope } from '../../base/expressions/template.ts';
import { randomStream, randomUniform } from '../../base/random/counter-random.ts';
import type { PreparedOperation, VerbUse } from '../driver.ts';
import type { HttpOperation, HttpRequest } from '../vocabulary/http/http-request.ts';
import { prepareRequest, type HttpTarget } from '../vocabulary/http/http-request.ts';
import type { HttpRequestSpec } from '../vocabulary/http/http-request-schema.ts';
import type { AudioFiles } from './audio-files.ts';
import type {
  ChatSpec,
  CompleteSpec,
  EmbedSpec,
  OpenaiTargetOptions,
  RerankSpec,
  RespondSpec,
  TranscribeSpec,
} from './openai-config.ts';

export type VerbName = 'chat' | 'complete' | 'embed' | 'respond' | 'rerank' | 'transcribe';

/** What all requests of one step have in common. */
export interface OpenaiOperation extends HttpOperation {
  readonly verb: VerbName;
  readonly stream: boolean;
  /** Its answer has output tokens. */
  readonly generates: boolean;
  /** An expression reads the text of the answer. */
  readonly keepsText: boolean;
}

export interface OpenaiRequest extends HttpRequest {
  readonly operation: OpenaiOperation;
  /** When the client hangs up, after it could send; undefined where it does not. */
  readonly cancelAfterNs?: number | undefined;
  /** How long the sound is that is to be transcribed; NaN where its file does not say. */
  readonly audioSeconds?: number;
}

export interface RequestSurroundings {
  readonly target: HttpTarget;
  readonly options: Pick<OpenaiTargetOptions, 'basePath' | 'usage'>;
  readonly audio: AudioFiles;
  /** Chooses the operations that are cancelled. */
  readonly seed: number;
}

type Cancel = ChatSpec['cancel'];
type Json = HttpRequestSpec['json'];

/** What a verb sends, and where to. */
interface Sending {
  readonly path: string;
  readonly body: Pick<HttpRequestSpec, 'json' | 'multipart'>;
  readonly stream?: boolean;
  readonly cancel?: Cancel;
}

/** Prepares a step's request: the driver's own words become those of the protocol. */
export function prepareOpenaiRequest(
  use: VerbUse,
  { target, options, audio, seed }: RequestSurroundings,
): PreparedOperation {
  const verb = use.verb as VerbName;
  const { path, body, stream = false, cancel } = SENDINGS[verb](use.spec as never, options);
  const spec: HttpRequestSpec = { method: 'POST', path: options.basePath + path, ...body };
  // Whole answers are read for their counts of tokens.
  const prepared = prepareRequest({ ...use, spec, fieldsRead: stream ? NOTHING : TEXT }, target);
  const keepsText = use.fieldsRead.has('text');
  const generates = verb !== 'embed' && verb !== 'rerank';
  const secondsOf = verb === 'transcribe' ? secondsReader(use, audio) : undefined;
  const chance = cancel && randomStream(seed, 'openai/cancel');
  let operation: OpenaiOperation | undefined;
  return {
    bind(scope: Scope): OpenaiRequest {
      const request = prepared.bind(scope) as HttpRequest;
      operation ??= { ...request.operation, verb, stream, generates, keepsText };
      return {
        ...request,
        operation,
        ...(chance && {
          cancelAfterNs: isChosen(scope, chance, cancel) ? cancel.after : undefined,
        }),
        ...(secondsOf && { audioSeconds: secondsOf(scope) }),
      };
    },
  };
}

const NOTHING: ReadonlySet<string> = new Set();
const TEXT: ReadonlySet<string> = new Set(['text']);

const SENDINGS: Readonly<
  Record<VerbName, (spec: never, options: RequestSurroundings['options']) => Sending>
> = {
  chat({ messages, maxTokens, stream, cancel, body }: ChatSpec, options): Sending {
    const json = {
      messages,
      ...limit('max_tokens', maxTokens),
      ...asked(stream, options),
      ...body,
    };
    return { path: '/chat/completions', body: { json: json as Json }, stream, cancel };
  },
  complete({ prompt, maxTokens, stream, cancel, body }: CompleteSpec, options): Sending {
    const json = { prompt, ...limit('max_tokens', maxTokens), ...asked(stream, options), ...body };
    return { path: '/completions', body: { json: json as Json }, stream, cancel };
  },
  respond({ input, maxTokens, stream, cancel, body }: RespondSpec): Sending {
    const streamed = stream ? { stream } : {};
    const json = { input, ...limit('max_output_tokens', maxTokens), ...streamed, ...body };
    return { path: '/responses', body: { json: json as Json }, stream, cancel };
  },
  embed({ input, body }: EmbedSpec): Sending {
    return { path: '/embeddings', body: { json: { input, ...body } as Json } };
  },
  rerank({ query, documents, body }: RerankSpec): Sending {
    return { path: '/rerank', body: { json: { query, documents, ...body } as Json } };
  },
  transcribe({ file, stream, cancel, body }: TranscribeSpec): Sending {
    const fields = Object.entries({ ...body, ...(stream && { stream }) });
    const multipart: NonNullable<HttpRequestSpec['multipart']> = [
      { name: 'file', file, type: soundType(file) },
      ...fields.map(([name, value]) =>
        typeof value === 'object' ? { name, json: value } : { name, text: value },
      ),
    ];
    return { path: '/audio/transcriptions', body: { multipart }, stream, cancel };
  },
};

function limit(name: string, tokens: number | string | undefined): Record<string, number | string> {
  return tokens === undefined ? {} : { [name]: tokens };
}

/** Streams are asked for the counts that token times need. */
function asked(stream: boolean, { usage }: RequestSurroundings['options']): object {
  if (!stream) return {};
  if (usage === 'none') return { stream };
  const continuous = usage === 'continuous' && { continuous_usage_stats: true };
  return { stream, stream_options: { include_usage: true, ...continuous } };
}

function soundType(file: string): string {
  return /\.flac$/i.test(file) ? 'audio/flac' : 'audio/wav';
}

/** By seed and iteration alone, so that every run hangs up on the same ones. */
function isChosen(
  scope: Scope,
  chance: ReturnType<typeof randomStream>,
  cancel: Cancel,
): cancel is NonNullable<Cancel> {
  const { id } = scope['iteration'] as { readonly id: number };
  return cancel !== undefined && randomUniform(chance, id) < cancel.share;
}

function secondsReader(use: VerbUse, audio: AudioFiles): (scope: Scope) => number {
  const path = use.template((use.spec as TranscribeSpec).file, 'text');
  return (scope) => audio.secondsOf(path.render(scope));
}
