import { z } from 'zod';
import { durationSchema } from '../../base/time/duration.ts';
import { httpConnectionKeys } from '../vocabulary/http/http-connection-options.ts';

/** Keys of a target that speaks OpenAI's protocol. */
export const openaiTargetOptions = z.strictObject({
  ...httpConnectionKeys,
  basePath: z
    .string()
    .regex(/^(\/[^\s?#]*)?$/, 'a path that begins with /, or nothing')
    .default('/v1')
    .meta({ description: 'What stands before chat/completions and the other paths.' }),
  streamEnd: z.enum(['done', 'close']).default('done').meta({
    description:
      'done: a stream is whole when it said [DONE]; close: when the answer ended, for servers that do not say it.',
  }),
  usage: z.enum(['final', 'continuous', 'none']).default('final').meta({
    description:
      'Counts of tokens that a stream is asked for: at its end, in each chunk as well, or none, for servers that refuse to be asked.',
  }),
});

const extra = z.record(z.string(), z.json()).default({}).meta({
  inWords: 'map',
  description: 'Whatever else the server takes, under its own names: model, temperature, …',
});

const count = z.union([z.int().min(1), z.string().min(1)]);

const share = z
  .string()
  .regex(/^\d+(\.\d+)?%$/, 'a share with its %, such as 10%')
  .transform((text) => Number.parseFloat(text) / 100)
  .refine((value) => value <= 1, 'a share from 0% to 100%');

const cancel = z
  .strictObject({
    share: share.prefault('100%').meta({ description: 'Of the operations, drawn by iteration.' }),
    after: durationSchema
      .refine((ns) => ns > 0, 'longer than 0')
      .meta({ description: 'From when the request could be sent.' }),
  })
  .optional()
  .meta({
    inWords: 'map',
    description:
      '`{ share: 10%, after: 500ms }` hangs up in the middle, as impatient users do: such an operation is `cancelled`, which is no failure.',
  });

const streamKeys = {
  stream: z.boolean().default(false).meta({
    description: 'The answer comes as server-sent events, and its tokens are timed.',
  }),
  cancel,
};

const maxTokens = count.optional().meta({ description: 'The most tokens of the answer.' });

export const chatSchema = z.strictObject({
  messages: z
    .union([z.array(z.record(z.string(), z.json())).min(1), z.string().min(1)])
    .meta({ description: 'The messages, or one template whose value is a list of them.' }),
  maxTokens,
  ...streamKeys,
  body: extra,
});

export const completeSchema = z.strictObject({
  prompt: z.union([z.string().min(1), z.array(z.union([z.int(), z.string()])).min(1)]).meta({
    description: 'A text, or token ids, such as "{{ prompts.tokenIds }}": exact without tokenizer.',
  }),
  maxTokens,
  ...streamKeys,
  body: extra,
});

export const respondSchema = z.strictObject({
  input: z.json().meta({ description: 'A text, or a list of items.' }),
  maxTokens,
  ...streamKeys,
  body: extra,
});

export const embedSchema = z.strictObject({
  input: z.json().meta({ description: 'A text, a list of texts, or token ids.' }),
  body: extra,
});

export const rerankSchema = z.strictObject({
  query: z.string().min(1).meta({ description: 'The text to rank by.' }),
  documents: z
    .union([z.array(z.json()).min(1), z.string().min(1)])
    .meta({ description: 'The texts to rank, or one template whose value is a list of them.' }),
  body: extra,
});

export const transcribeSchema = z.strictObject({
  file: z
    .string()
    .min(1)
    .meta({ description: 'A sound file (WAV or FLAC), relative to the scenario.' }),
  ...streamKeys,
  body: extra,
});

export type OpenaiTargetOptions = z.output<typeof openaiTargetOptions>;
export type ChatSpec = z.output<typeof chatSchema>;
export type CompleteSpec = z.output<typeof completeSchema>;
export type RespondSpec = z.output<typeof respondSchema>;
export type EmbedSpec = z.output<typeof embedSchema>;
export type RerankSpec = z.output<typeof rerankSchema>;
export type TranscribeSpec = z.output<typeof transcribeSchema>;
