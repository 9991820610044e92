import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import { openFeeder, openFeeders, type Feeder } from '../../../src/data/feeder.ts';
import { dataSchema, feederSchema } from '../../../src/data/feeder-schema.ts';

const MODELS = join(import.meta.dirname, '../../../servers/models');
const WORD_PIECE = 'tokenizer.json';
const ROWS = 20_000;

function open(written: unknown, seed = 1, name = 'rows'): Promise<Feeder> {
  return openFeeder(name, feederSchema.parse(written), { seed, baseFolder: MODELS });
}

async function column(written: unknown, count = ROWS): Promise<unknown[]> {
  const feeder = await open({ generate: 'values', fields: { key: written } });
  return Array.from({ length: count }, (_, iteration) => feeder.row(iteration)['key']);
}

async function numbers(written: unknown, count = ROWS): Promise<number[]> {
  return (await column(written, count)) as number[];
}

/** Pearson's statistic against the shares expected; its mean is the number of cells less one. */
function chiSquare(drawn: readonly number[], shares: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const [value, share] of shares) {
    const expected = share * drawn.length;
    const found = drawn.filter((one) => one === value).length;
    sum += (found - expected) ** 2 / expected;
  }
  return sum;
}

function tokenizerOf(file: string): Promise<Tokenizer> {
  return readFile(join(MODELS, file), 'utf8').then(
    (text) => new Tokenizer(JSON.parse(text) as object, {}),
  );
}

async function refusal(opening: Promise<unknown>): Promise<LoadgenError> {
  const error: unknown = await opening.then(
    () => assert.fail('it opened'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof LoadgenError);
  return error;
}

test('uniform keys are whole numbers, both ends as likely as any other', async () => {
  const drawn = await numbers({ uniform: [-2, 7] });
  const shares = new Map(Array.from({ length: 10 }, (_, at) => [at - 2, 0.1]));
  // 9 degrees of freedom: 27.9 is passed once in a thousand.
  assert.ok(chiSquare(drawn, shares) < 27.9);
  const real = await numbers({ uniform: [0, 0.5] });
  assert.ok(real.every((value) => value >= 0 && value < 0.5));
  assert.ok(real.some((value) => !Number.isInteger(value)));
});

test('zipf keys follow 1 / rank^exponent, below, at and above exponent 1', async () => {
  for (const exponent of [0.6, 0.99, 1, 1.4]) {
    const drawn = await numbers({ zipf: { range: [1, 20], exponent } });
    const weights = Array.from({ length: 20 }, (_, at) => (at + 1) ** -exponent);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const shares = new Map(weights.map((weight, at) => [at + 1, weight / sum]));
    // 19 degrees of freedom: 43.8 once in a thousand.
    assert.ok(chiSquare(drawn, shares) < 43.8, `exponent ${exponent}`);
  }
});

test('within draws again: no key of a gaussian piles up at its ends', async () => {
  const drawn = await numbers({ normal: { mean: 50, sd: 40, within: [1, 100] }, integer: true });
  assert.ok(drawn.every((key) => Number.isInteger(key) && key >= 1 && key <= 100));
  const share = (key: number) => drawn.filter((one) => one === key).length / ROWS;
  // The densities at the ends and beside them differ by 3%.
  assert.ok(share(1) < 2 * share(3) && share(100) < 2 * share(98));
  const moved = await numbers({ normal: { mean: 50, sd: 40, min: 1, max: 100 }, integer: true });
  assert.ok(moved.filter((key) => key === 100).length / ROWS > 0.09);
});

test('permuted keys keep how often each comes, and scatter which one it is', async () => {
  const plain = await numbers({ zipf: [1, 1000] });
  const permuted = await numbers({ zipf: [1, 1000], permute: true });
  const counts = (drawn: number[]) => {
    const of = new Map<number, number>();
    for (const key of drawn) of.set(key, (of.get(key) ?? 0) + 1);
    return of;
  };
  const sorted = (drawn: number[]) => [...counts(drawn).values()].toSorted((a, b) => b - a);
  assert.deepEqual(sorted(permuted), sorted(plain));
  assert.ok(permuted.every((key) => key >= 1 && key <= 1000));
  const top = (drawn: number[]) =>
    [...counts(drawn)]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 5)
      .map(([key]) => key);
  assert.ok(Math.max(...top(plain)) <= 8);
  assert.ok(Math.max(...top(permuted)) > 100);
});

test('a field counts on, chooses texts by weight, or is what it is', async () => {
  assert.deepEqual(await column({ sequence: 5 }, 3), [5, 6, 7]);
  assert.deepEqual(await column(2.5, 2), [2.5, 2.5]);
  const tiers = await column({
    choice: [
      { value: 'free', weight: 9 },
      { value: 'pro', weight: 1 },
    ],
  });
  const pro = tiers.filter((tier) => tier === 'pro').length / ROWS;
  assert.ok(Math.abs(pro - 0.1) < 4 * Math.sqrt(0.09 / ROWS));
  assert.deepEqual(new Set(tiers), new Set(['free', 'pro']));
});

test('rows are a function of seed, feeder and iteration, whoever asks and in whatever order', async () => {
  const generators = [
    { generate: 'values', fields: { a: { normal: { mean: 3, sd: 1 } }, b: { zipf: [1, 9] } } },
    { generate: 'tokenIds', tokens: { uniform: [3, 9] }, vocabulary: 1000, batch: 3 },
    { generate: 'prompts', tokens: { lognormal: { mean: 30, sd: 10 } }, outputTokens: 5 },
    { generate: 'vectors', dimension: 5, shape: 'clustered', metric: 'cosine' },
    { generate: 'vectors', dimension: 5, shape: 'drifted', batch: 2 },
  ];
  for (const written of generators) {
    const one = await open(written);
    const other = await open(written);
    const expected = Array.from({ length: 40 }, (_, at) => structuredClone(one.row(at)));
    for (const at of [39, 0, 7, 8, 7, 39]) assert.deepEqual({ ...other.row(at) }, expected[at]);
    const seeded = await open(written, 2);
    assert.notDeepEqual({ ...seeded.row(0) }, expected[0]);
    const named = await open(written, 1, 'others');
    assert.notDeepEqual({ ...named.row(0) }, expected[0]);
    assert.equal(one.iterations, Number.POSITIVE_INFINITY);
    assert.deepEqual(Object.keys(one.row(1e9)).toSorted(), one.fields.toSorted());
  }
});

test('rows end a generator, and skip leaves out its first', async () => {
  const written = { generate: 'values', fields: { id: { sequence: 1 } } };
  const ids = async (more: object) => {
    const feeder = await open({ ...written, ...more });
    return {
      feeder,
      ids: [0, 1, 2].map((at) => feeder.row(at)['id']),
    };
  };
  const wrapped = await ids({ rows: 2, skip: 10 });
  assert.deepEqual(wrapped.ids, [11, 12, 11]);
  const ended = await ids({ rows: 5, batch: 2, pick: 'once' });
  assert.deepEqual(ended.ids, [[1, 2], [3, 4], [5]]);
  assert.equal(ended.feeder.iterations, 3);
});

test('a warm-up has rows of its own where there is no end, and the same ones where there is', async () => {
  const written = { generate: 'prompts', tokens: 20, batch: 2 };
  const texts = async (more: object, isWarmup: boolean) => {
    const feeder = await open({ ...written, ...more });
    return [0, 1, 2].flatMap((at) => feeder.row(at, isWarmup)['text'] as string[]);
  };
  const seen = new Set([...(await texts({}, true)), ...(await texts({}, false))]);
  assert.equal(seen.size, 12);
  assert.deepEqual(await texts({ rows: 6 }, true), await texts({ rows: 6 }, false));
  const salted = { rows: 6, salt: true };
  const starts = [...(await texts(salted, true)), ...(await texts(salted, false))];
  assert.equal(new Set(starts.map((text) => text.split(' ').slice(0, 4).join(' '))).size, 12);
});

test('token ids lie below the vocabulary, in lists of the length drawn', async () => {
  const feeder = await open({ generate: 'tokenIds', tokens: 128, vocabulary: 300, batch: 4 });
  const { tokens, length } = feeder.row(7) as { tokens: number[][]; length: number[] };
  assert.deepEqual(
    tokens.map((list) => list.length),
    [128, 128, 128, 128],
  );
  assert.deepEqual(length, [128, 128, 128, 128]);
  const all = new Set(Array.from({ length: 50 }, (_, at) => feeder.row(at)['tokens']).flat(2));
  assert.deepEqual(
    [Math.min(...(all as Set<number>)), Math.max(...(all as Set<number>))],
    [0, 299],
  );
});

test('prompts have exactly their tokens by the tokenizer, and their ids are its own', async () => {
  const tokenizer = await tokenizerOf(WORD_PIECE);
  for (const more of [{}, { salt: true }, { prefix: { groups: 3, tokens: 20 } }]) {
    const feeder = await open({
      generate: 'prompts',
      tokenizer: WORD_PIECE,
      tokens: { uniform: [8, 200] },
      outputTokens: { exponential: { mean: 40, max: 100 } },
      ...more,
    });
    const shared = 'prefix' in more ? 20 : 0;
    for (let at = 0; at < 40; at++) {
      const row = feeder.row(at) as { text: string; tokens: number; tokenIds: number[] };
      assert.ok(row.tokens >= 8 + shared && row.tokens <= 200 + shared);
      const { ids } = tokenizer.encode(row.text);
      assert.equal(ids.length, row.tokens);
      assert.deepEqual(row.tokenIds, ids);
      const output = feeder.row(at)['outputTokens'] as number;
      assert.ok(Number.isInteger(output) && output >= 1 && output <= 100);
    }
  }
});

test('prompts of one group share their first tokens and no more', async () => {
  const feeder = await open({
    generate: 'prompts',
    tokenizer: WORD_PIECE,
    tokens: 40,
    prefix: { groups: 4, tokens: 30 },
  });
  const starts = new Map<string, Set<string>>();
  for (let at = 0; at < 200; at++) {
    const ids = feeder.row(at)['tokenIds'] as number[];
    // [CLS] comes first.
    const start = ids.slice(0, 31).join(' ');
    starts.set(start, (starts.get(start) ?? new Set()).add(ids.slice(31).join(' ')));
  }
  assert.equal(starts.size, 4);
  assert.equal(
    [...starts.values()].reduce((sum, rest) => sum + rest.size, 0),
    200,
  );
});

test('salted prompts begin anew where their rows come again; others repeat', async () => {
  const first = async (salt: boolean) => {
    const feeder = await open({ generate: 'prompts', tokens: 20, rows: 5, salt });
    const texts = Array.from({ length: 50 }, (_, at) => feeder.row(at)['text'] as string);
    const begins = texts.map((text) => text.split(' ').slice(0, 4).join(' '));
    return {
      begins: new Set(begins).size,
      rests: new Set(texts.map((text) => text.slice(20))).size,
    };
  };
  assert.equal((await first(true)).begins, 50);
  assert.equal((await first(false)).begins, 5);
});

test('lengths come from the rows of another feeder, number by number, and end with them', async () => {
  const data = dataSchema.parse({
    prompts: {
      generate: 'prompts',
      tokenizer: WORD_PIECE,
      tokens: { from: 'trace.ContextTokens + params.more' },
      outputTokens: { from: 'trace.GeneratedTokens' },
    },
    trace: {
      inline: [
        { ContextTokens: 10, GeneratedTokens: 0 },
        { ContextTokens: 300, GeneratedTokens: 7 },
      ],
      pick: 'once',
    },
  });
  const context = { seed: 1, baseFolder: MODELS, params: { more: 2 } };
  const prompts = (await openFeeders(data, context)).get('prompts')!;
  const lengths = [0, 1].map((at) => {
    const { tokens, outputTokens } = prompts.row(at);
    return [tokens, outputTokens];
  });
  // A server takes no answer of 0 tokens: it is asked for one.
  assert.deepEqual(lengths, [
    [12, 1],
    [302, 7],
  ]);
  assert.equal(prompts.iterations, 2);
});

test('token ids of blocks with one name are the same, in whatever row, and others are not', async () => {
  const rows = [
    { length: 10, names: [7, 8, 9] },
    { length: 11, names: [7, 8, 10] },
    { length: 4, names: [8] },
    { length: 9, names: ['7', 8] },
  ];
  const data = dataSchema.parse({
    prompts: {
      generate: 'tokenIds',
      tokens: { from: 'trace.length' },
      vocabulary: 1_000_000,
      blocks: { from: 'trace.names', tokens: 4 },
    },
    trace: { inline: rows },
  });
  const prompts = (await openFeeders(data, { seed: 1, baseFolder: MODELS })).get('prompts')!;
  const [first, second, third, fourth] = rows.map((_, at) => prompts.row(at)['tokens'] as number[]);
  assert.deepEqual(
    [first, second, third, fourth].map((list) => list!.length),
    [10, 11, 4, 9],
  );
  assert.deepEqual(first!.slice(0, 8), second!.slice(0, 8));
  assert.notDeepEqual(first!.slice(8, 10), second!.slice(8, 10));
  assert.deepEqual(third, first!.slice(4, 8));
  // The second block is named 8 here too, and the ninth id is the row's own.
  assert.notDeepEqual(fourth!.slice(0, 4), first!.slice(0, 4));
  assert.deepEqual(fourth!.slice(4, 8), third);
  // Another reader of the row, in any order, sees the same.
  assert.deepEqual(prompts.row(1)['tokens'], second);
});

test('names of blocks that are no list are refused before a run', async () => {
  const prompts = { generate: 'tokenIds', tokens: 4, vocabulary: 9, blocks: { from: 'b.names' } };
  const data = dataSchema.parse({ a: prompts, b: { inline: [{ names: [1] }, { names: 2 }] } });
  const { message } = await refusal(openFeeders(data, { seed: 1, baseFolder: MODELS }));
  assert.match(message, /expected a list of numbers or texts, found 2/);
});

test('a reference that leads nowhere, in a circle or to a text is refused', async () => {
  const opening = (data: unknown) =>
    refusal(openFeeders(dataSchema.parse(data), { seed: 1, baseFolder: MODELS }));
  const values = (from: string) => ({ generate: 'values', fields: { x: { from } } });
  const circle = await opening({ a: values('b.x'), b: values('a.x') });
  assert.match(circle.message, /a → b → a.*its own rows/);
  assert.match((await opening({ a: values('c.x'), b: values('1') })).message, /"a".*c\.x/);
  const other = { inline: [{ y: 'many' }] };
  assert.match((await opening({ a: values('b.z'), b: other })).message, /z/);
  const batched = { ...other, batch: 2 };
  assert.match((await opening({ a: values('b.y'), b: batched })).message, /2 rows at a time/);
  const prompts = { generate: 'prompts', tokens: { from: 'b.y' } };
  assert.match((await opening({ a: prompts, b: other })).message, /expected a number.*many/);
});

test('vectors have the shape and the length that are asked for', async () => {
  const vectors = async (more: object, count = 400) => {
    const feeder = await open({ generate: 'vectors', dimension: 16, firstId: 100, ...more });
    const rows = Array.from({ length: count }, (_, at) => feeder.row(at));
    assert.deepEqual([rows[0]!['id'], rows[9]!['id']], [100, 109]);
    return rows.map((row) => row['vector'] as Float32Array);
  };
  const near = (one: Float32Array, other: Float32Array) =>
    Math.sqrt(one.reduce((sum, value, at) => sum + (value - other[at]!) ** 2, 0));
  const nearest = (all: readonly Float32Array[], at: number) =>
    Math.min(...all.filter((_, other) => other !== at).map((other) => near(all[at]!, other)));
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const uniform = await vectors({});
  assert.ok(uniform[0] instanceof Float32Array);
  assert.ok(Math.abs(mean(uniform.flatMap((vector) => [...vector]))) < 0.05);
  const clustered = await vectors({ shape: { clustered: { clusters: 10, spread: 0.05 } } });
  const typical = (all: readonly Float32Array[]) => mean([0, 50, 99].map((at) => nearest(all, at)));
  assert.ok(typical(clustered) < typical(uniform) / 4);
  const copies = await vectors({ shape: { 'near-duplicate': { copies: 4, spread: 0.001 } } });
  assert.ok(near(copies[0]!, copies[3]!) < 0.05 && near(copies[3]!, copies[4]!) > 0.5);
  const drifted = await vectors({
    shape: { drifted: { clusters: 1, spread: 0.001, over: 100 } },
  });
  assert.ok(Math.abs(near(drifted[0]!, drifted[100]!) - near(drifted[100]!, drifted[200]!)) < 0.05);
  assert.ok(near(drifted[0]!, drifted[300]!) > 2 * near(drifted[0]!, drifted[100]!));
  for (const vector of await vectors({ metric: 'cosine' })) {
    assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-6);
  }
  const bits = await vectors({ metric: 'hamming' });
  assert.ok(bits.every((vector) => vector.every((bit) => bit === 0 || bit === 1)));
});

test('a vector that is picked again is kept where all of them can be, and the same one either way', async () => {
  const vectors = (more: object) =>
    open({ generate: 'vectors', dimension: 100, shape: 'clustered', ...more });
  const inOrder = await vectors({ rows: 20 });
  const picks = [
    { kept: true, pick: await vectors({ rows: 20, pick: 'shuffle' }) },
    { kept: false, pick: await vectors({ rows: 1_000_000, pick: 'zipf' }) },
  ];
  for (const { kept, pick } of picks) {
    const number = pick.rowNumber(3) - 1;
    const [first, again] = [pick.row(3), pick.row(3)];
    assert.equal(first['vector'] === again['vector'], kept);
    assert.deepEqual({ ...first }, { ...again });
    if (kept) assert.deepEqual({ ...first }, { ...inOrder.row(number) });
  }
});
