import { z } from 'zod';
import { nameSchema } from '../../base/expressions/name-schema.ts';
import {
  choiceSchema,
  numberKeys,
  toDistribution,
  type WrittenDistribution,
} from '../../base/random/distribution-schema.ts';
import type { Distribution } from '../../base/random/distribution.ts';
import {
  MAX_DIMENSION,
  MAX_FIELDS,
  MAX_PREFIX_GROUPS,
  MAX_PREFIX_TOKENS,
  MAX_TOKENS,
  MAX_VOCABULARY,
} from '../limits.ts';
import { METRICS } from '../metric.ts';
import type { Length, Reference } from './drawn.ts';
import type { TokenBlocks } from './token-id-rows.ts';
import type { FieldSpec } from './value-rows.ts';
import type { VectorShape } from './vector-rows.ts';

export const GENERATORS = ['text', 'values', 'tokenIds', 'prompts', 'vectors'] as const;
export type GeneratorName = (typeof GENERATORS)[number];

const fromSchema = z.string().min(1).optional();

function isOne(map: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(map).length === 1;
}

/** A number of tokens: one, a distribution, or what another feeder's row says. */
const lengthSchema = z
  .union([
    z.int().min(1).max(MAX_TOKENS),
    z.strictObject({ ...numberKeys(), from: fromSchema }).refine(isOne, 'exactly one distribution'),
  ])
  .transform((written): Length => {
    if (typeof written === 'number') return written;
    if (written.from !== undefined) return { kind: 'from', from: written.from };
    return toDistribution(written as WrittenDistribution);
  });

const scalarSchema = z.union([z.string(), z.number(), z.boolean()]);

/** Keys of a field that say more of the numbers that one of its other keys draws. */
const MODIFIERS = ['integer', 'permute'] as const;

const fieldMapSchema = z
  .strictObject({
    ...numberKeys(),
    choice: choiceSchema<string | number | boolean>(scalarSchema).optional(),
    from: fromSchema,
    sequence: z.int().optional(),
    integer: z.boolean().optional(),
    permute: z.boolean().optional(),
  })
  .refine(
    (map) =>
      Object.keys(map).filter((key) => !(MODIFIERS as readonly string[]).includes(key)).length ===
      1,
    'exactly one of a distribution, `from` and `sequence`',
  );

const fieldSchema = z
  .union([z.number(), fieldMapSchema])
  .transform((written, context): FieldSpec => {
    if (typeof written === 'number') return numberField(toDistribution(written), {});
    const { from, sequence, choice, integer, permute, ...kinds } = written;
    const modifiers = { integer, permute };
    const isDrawn = from === undefined && sequence === undefined && choice === undefined;
    if (!isDrawn && (integer !== undefined || permute !== undefined)) {
      const message = 'integer and permute say how numbers are drawn';
      context.addIssue({ code: 'custom', message });
    }
    if (from !== undefined) return { kind: 'from', from };
    if (sequence !== undefined) return { kind: 'sequence', first: sequence };
    if (choice !== undefined) return { kind: 'one-of', ...choice };
    const draw = toDistribution(kinds as WrittenDistribution);
    if (permute === true && rangeOf(draw) === undefined) {
      const message = 'needs whole numbers with two ends: uniform, zipf or `within`';
      context.addIssue({ code: 'custom', path: ['permute'], message });
    }
    return numberField(draw, modifiers);
  });

function numberField(
  draw: Distribution,
  { integer, permute }: { integer?: boolean | undefined; permute?: boolean | undefined },
): FieldSpec {
  const range = permute === true ? rangeOf(draw) : undefined;
  const isWhole =
    draw.kind === 'zipf' ||
    (draw.kind === 'uniform' && Number.isInteger(draw.from) && Number.isInteger(draw.to));
  const whole = range !== undefined || (integer ?? isWhole);
  return { kind: 'number', draw, whole, ...(range && { permute: range }) };
}

/** First and last of the whole numbers that may be drawn, where there are two ends. */
function rangeOf(draw: Distribution): readonly [number, number] | undefined {
  if (draw.kind === 'zipf') return [draw.from, draw.to];
  const ends =
    draw.kind === 'uniform'
      ? ([draw.from, draw.to] as const)
      : 'redraw' in draw && draw.redraw
        ? ([draw.min, draw.max!] as const)
        : undefined;
  return ends?.every(Number.isInteger) === true ? ends : undefined;
}

/** Of Mooncake’s traces, whose `hash_ids` name blocks of this length. */
const DEFAULT_BLOCK_TOKENS = 512;

const DEFAULT_CLUSTERS = 100;
const clusters = z.int().min(1).max(1_000_000).default(DEFAULT_CLUSTERS);
const spread = (usual: number) => z.number().positive().max(10).default(usual);

const shapeSchema = z
  .union([
    z.enum(['uniform', 'clustered', 'drifted', 'near-duplicate']),
    z
      .strictObject({
        uniform: z.strictObject({}).optional(),
        clustered: z.strictObject({ clusters, spread: spread(0.1) }).optional(),
        drifted: z
          .strictObject({
            clusters,
            spread: spread(0.1),
            over: z.int().min(1).default(1_000_000),
          })
          .optional(),
        'near-duplicate': z
          .strictObject({ copies: z.int().min(1).default(10), spread: spread(0.01) })
          .optional(),
      })
      .refine(isOne, 'exactly one shape'),
  ])
  .transform((written): VectorShape => {
    if (typeof written === 'string') return SHAPES[written];
    const [kind, given] = Object.entries(written)[0]!;
    return { kind, ...given } as VectorShape;
  });

const SHAPES: Readonly<Record<VectorShape['kind'], VectorShape>> = {
  uniform: { kind: 'uniform' },
  clustered: { kind: 'clustered', clusters: DEFAULT_CLUSTERS, spread: 0.1 },
  drifted: { kind: 'drifted', clusters: DEFAULT_CLUSTERS, spread: 0.1, over: 1_000_000 },
  'near-duplicate': { kind: 'near-duplicate', copies: 10, spread: 0.01 },
};

/** The keys of a feeder that say what a generator makes. */
export const generatorKeys = {
  generate: z.enum(GENERATORS).optional().meta({
    description:
      'Makes rows from the seed. `text`: fields `text`, `tokens`. `prompts`: `text`, `tokens` (its length), `tokenIds`, `outputTokens`. `tokenIds`: `tokens` (a list of ids), `length`. `values`: those of `fields`. `vectors`: `id`, `vector`. All but `text` go on without end where `rows` does not end them.',
  }),
  tokens: lengthSchema.optional().meta({
    inWords: 'whole number or distribution',
    description:
      'Length of each generated text: `128`, or drawn: `{ uniform: [128, 1024] }`, `{ normal: { mean: 200, sd: 50, min: 16 } }`, `lognormal` and `gamma` like it, `{ exponential: 200 }`, `{ zipf: [1, 512] }`, `{ choice: [128, 512] }`, or read from another feeder’s row of the same number: `{ from: trace.ContextTokens }`. With `tokenizer` counted by it, its own [CLS], [SEP] and the like included, as a server counts; without, in words.',
  }),
  outputTokens: lengthSchema.optional().meta({
    inWords: 'whole number or distribution',
    description: 'Of `prompts`: the length of the answer to ask for, in the field of this name.',
  }),
  tokenizer: z.string().min(1).optional().meta({
    description:
      'A tokenizer.json of Hugging Face, or the folder that holds one, relative to the scenario.',
  }),
  vocabulary: z.int().min(2).max(MAX_VOCABULARY).optional().meta({
    description: 'Of `tokenIds`: ids lie below this number.',
  }),
  blocks: z
    .strictObject({
      from: z.string().min(1).meta({
        description: 'A list in another feeder’s row of the same number, such as `trace.hash_ids`.',
      }),
      tokens: z.int().min(1).max(MAX_TOKENS).default(DEFAULT_BLOCK_TOKENS).meta({
        description: 'Length of a block.',
      }),
    })
    .optional()
    .meta({
      description:
        'Of `tokenIds`: what the ids are made of, block by block: equal names in the list that `from` reads give equal blocks, in whatever row, for prefix caches to find. What `tokens` asks for beyond the named blocks is the row’s own.',
    }),
  prefix: z
    .strictObject({
      groups: z.int().min(1).max(MAX_PREFIX_GROUPS).meta({
        description: 'How many beginnings there are; a prompt has any of them.',
      }),
      tokens: z.int().min(1).max(MAX_PREFIX_TOKENS).meta({
        description: 'Length of each, on top of `tokens`.',
      }),
    })
    .optional()
    .meta({ description: 'Of `prompts`: beginnings that they share, for prefix caches to find.' }),
  salt: z.boolean().optional().meta({
    description:
      'Of `prompts`: begins each with words that no other iteration has, so that no cache knows it, also where rows come again.',
  }),
  fields: z
    .record(nameSchema, fieldSchema)
    .refine((fields) => Object.keys(fields).length > 0, 'at least one field')
    .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `at most ${MAX_FIELDS} fields`)
    .optional()
    .meta({
      inWords: 'map of distributions',
      description:
        'Of `values`: field → how it is drawn: as `tokens`, and `{ sequence: 1 }` counts on, `{ choice: [free, pro] }` takes texts too, `{ choice: [{ value: free, weight: 9 }, { value: pro, weight: 1 }] }` with weights, `{ zipf: { range: [1, 100000], exponent: 0.99 } }` any exponent. `uniform` between whole numbers and `zipf` give whole numbers, both ends included; others with `integer: true`. Beside `mean`, `within: [1, 100000]` draws again what lies outside. `permute: true` deals the numbers of a range out anew, so that frequent keys lie scattered.',
    }),
  dimension: z.int().min(1).max(MAX_DIMENSION).optional().meta({
    description: 'Of `vectors`: how many numbers each has.',
  }),
  shape: shapeSchema.optional().meta({
    inWords: 'uniform, clustered, drifted or near-duplicate, or a map of one of them',
    description:
      'Of `vectors`: how they lie. `uniform` (in [−1, 1) along each axis), `{ clustered: { clusters: 100, spread: 0.1 } }`, `{ drifted: { clusters: 100, spread: 0.1, over: 1000000 } }` (the centres move by 1 every so many rows), `{ near-duplicate: { copies: 10, spread: 0.01 } }`.',
  }),
  firstId: z.int().min(0).optional().meta({
    description: 'Of `vectors`: the `id` of the first row, 0 by default; the next ones count on.',
  }),
  metric: z.enum(METRICS).optional().meta({
    description:
      'Of `vectors`: what they are compared by. `cosine` gives them length 1, `hamming` makes them of 0 and 1.',
  }),
} as const;

export type GeneratorKeys = {
  readonly [Key in keyof typeof generatorKeys]?: z.output<(typeof generatorKeys)[Key]>;
};

/** What a generator makes, with nothing left open. */
export type GeneratorSource =
  | { readonly kind: 'text'; readonly tokens: Length; readonly tokenizer?: string }
  | { readonly kind: 'values'; readonly fields: Readonly<Record<string, FieldSpec>> }
  | {
      readonly kind: 'tokenIds';
      readonly tokens: Length;
      readonly vocabulary: number;
      readonly blocks?: TokenBlocks;
    }
  | {
      readonly kind: 'prompts';
      readonly tokens: Length;
      readonly outputTokens?: Length;
      readonly tokenizer?: string;
      readonly prefix?: { readonly groups: number; readonly tokens: number };
      readonly salt: boolean;
    }
  | {
      readonly kind: 'vectors';
      readonly dimension: number;
      readonly shape: VectorShape;
      readonly firstId: number;
      readonly metric: (typeof METRICS)[number];
    };

interface GeneratorRule {
  readonly needs: readonly (keyof GeneratorKeys)[];
  readonly takes: readonly (keyof GeneratorKeys)[];
}

/** Which keys belong to which generator. */
export const GENERATOR_RULES: Readonly<Record<GeneratorName, GeneratorRule>> = {
  text: { needs: ['tokens'], takes: ['tokenizer'] },
  values: { needs: ['fields'], takes: [] },
  tokenIds: { needs: ['tokens', 'vocabulary'], takes: ['blocks'] },
  prompts: { needs: ['tokens'], takes: ['outputTokens', 'tokenizer', 'prefix', 'salt'] },
  vectors: { needs: ['dimension'], takes: ['shape', 'firstId', 'metric'] },
};

/** The source that keys name which keep the rules. */
export function toGeneratorSource(keys: GeneratorKeys): GeneratorSource {
  const { generate, tokens, tokenizer, outputTokens, prefix } = keys;
  const counted = { tokens: tokens!, ...(tokenizer !== undefined && { tokenizer }) };
  switch (generate!) {
    case 'text':
      return { kind: 'text', ...counted };
    case 'values':
      return { kind: 'values', fields: keys.fields! };
    case 'tokenIds':
      return {
        kind: 'tokenIds',
        tokens: tokens!,
        vocabulary: keys.vocabulary!,
        ...(keys.blocks !== undefined && {
          blocks: { names: { kind: 'from', from: keys.blocks.from }, tokens: keys.blocks.tokens },
        }),
      };
    case 'prompts':
      return {
        kind: 'prompts',
        ...counted,
        ...(outputTokens !== undefined && { outputTokens }),
        ...(prefix !== undefined && { prefix }),
        salt: keys.salt === true,
      };
    case 'vectors':
      return {
        kind: 'vectors',
        dimension: keys.dimension!,
        shape: keys.shape ?? SHAPES.uniform,
        firstId: keys.firstId ?? 0,
        metric: keys.metric ?? 'l2',
      };
  }
}

/** Everything in a source that is read from other feeders' rows. */
export function referencesOf(source: { readonly kind: string }): readonly Reference[] {
  const given = source as GeneratorSource | { readonly kind: 'other' };
  if (given.kind === 'values') {
    return Object.values(given.fields).filter((field) => field.kind === 'from');
  }
  const tokens = 'tokens' in given ? given.tokens : undefined;
  const outputTokens = 'outputTokens' in given ? given.outputTokens : undefined;
  const blocks = 'blocks' in given ? given.blocks?.names : undefined;
  return [tokens, outputTokens, blocks].filter(
    (length) => typeof length === 'object' && length.kind === 'from',
  );
}

/** The fields of the rows. */
export function generatorFields(source: GeneratorSource): readonly string[] {
  switch (source.kind) {
    case 'text':
      return ['text', 'tokens'];
    case 'values':
      return Object.keys(source.fields);
    case 'tokenIds':
      return ['tokens', 'length'];
    case 'prompts':
      return ['text', 'tokens', 'tokenIds', ...(source.outputTokens ? ['outputTokens'] : [])];
    case 'vectors':
      return ['id', 'vector'];
  }
}
