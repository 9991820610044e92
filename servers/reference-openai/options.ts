import { parseArgs } from 'node:util';

/** How answers are timed and shaped; a request may change it by its field `reference`. */
export interface AnswerOptions {
  /** From when the request was read to the first token. */
  readonly ttftMs: number;
  /** From one token to the next. */
  readonly gapMs: number;
  readonly tokensPerChunk: number;
  /** Chunks before the first token that only name a role. */
  readonly roleChunks: number;
  /** Tokens of reasoning before the answer. */
  readonly reasoningTokens: number;
  /** Input tokens that are said to come from the prefix cache. */
  readonly cachedTokens: number;
  /** Says [DONE] at the end. */
  readonly done: boolean;
  readonly variant: string;
  /** How long a second of sound takes. */
  readonly msPerAudioSecond: number;
  readonly status: number;
}

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly answer: AnswerOptions;
}

/** Everything at once: what a stand-in for calibration does. */
const DEFAULTS: AnswerOptions = {
  ttftMs: 0,
  gapMs: 0,
  tokensPerChunk: 1,
  roleChunks: 1,
  reasoningTokens: 0,
  cachedTokens: 0,
  done: true,
  variant: 'whole',
  msPerAudioSecond: 0,
  status: 200,
};

export function readOptions(argv: readonly string[]): ServerOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8096' },
      ttft: { type: 'string', default: '0' },
      gap: { type: 'string', default: '0' },
      'tokens-per-chunk': { type: 'string', default: '1' },
      'audio-second': { type: 'string', default: '0' },
      'without-done': { type: 'boolean', default: false },
    },
  });
  return {
    host: values.host,
    port: Number(values.port),
    answer: {
      ...DEFAULTS,
      ttftMs: Number(values.ttft),
      gapMs: Number(values.gap),
      tokensPerChunk: Number(values['tokens-per-chunk']),
      msPerAudioSecond: Number(values['audio-second']),
      done: !values['without-done'],
    },
  };
}
