import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Tokenizer } from '@huggingface/tokenizers';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import type { GeneratorContext } from '../../../src/data/generators/drawn.ts';
import { openTextRows } from '../../../src/data/generators/text-rows.ts';
import type { RowSlice, RowSource } from '../../../src/data/row-source.ts';

const WORD_PIECE = join(import.meta.dirname, '../../../servers/models/tokenizer.json');

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadgen-text-'));
});
after(() => rm(folder, { recursive: true }));

/** A byte-level BPE with no merges: every character is a token, and so is every space. */
async function characterTokenizer(): Promise<string> {
  const letters = 'abcdefghijklmnopqrstuvwxyz'.split('');
  const vocab = Object.fromEntries([...letters, 'Ġ'].map((token, id) => [token, id]));
  const file = join(folder, 'characters.json');
  await writeFile(
    file,
    JSON.stringify({
      version: '1.0',
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel' },
      model: { type: 'BPE', vocab, merges: [], unk_token: null },
    }),
  );
  return file;
}

function textsOf(source: RowSource): string[] {
  return Array.from({ length: source.rowCount }, (_, index) => source.row(index)['text'] as string);
}

interface Made {
  readonly tokens?: number;
  readonly tokenizer?: string;
  readonly seed?: number;
  readonly slice?: RowSlice;
}

function make({ tokens = 16, tokenizer, seed = 1, slice }: Made): Promise<RowSource> {
  const context: GeneratorContext = {
    feeder: 'texts',
    seed,
    params: {},
    feeders: ['texts'],
    open: () => assert.fail('no other feeder is read'),
  };
  return openTextRows({ tokens, tokenizer, slice: slice ?? { skip: 0, rows: 50 } }, context);
}

async function counterOf(file: string): Promise<(text: string) => number> {
  const tokenizer = new Tokenizer(JSON.parse(await readFile(file, 'utf8')) as object, {});
  return (text) => tokenizer.encode(text).ids.length;
}

test('texts have exactly the tokens asked for, those the tokenizer adds included', async () => {
  const count = await counterOf(WORD_PIECE);
  assert.equal(count(''), 2, 'this tokenizer adds [CLS] and [SEP]');
  for (const tokens of [3, 4, 17, 128, 512]) {
    const source = await make({ tokens, tokenizer: WORD_PIECE });
    assert.deepEqual(source.fields, ['text', 'tokens']);
    for (const text of textsOf(source)) assert.equal(count(text), tokens, text);
    assert.equal(source.row(0)['tokens'], tokens);
  }
});

test('the folder of a tokenizer will do', async () => {
  const inFolder = await make({ tokenizer: dirname(WORD_PIECE) });
  assert.deepEqual(textsOf(inFolder), textsOf(await make({ tokenizer: WORD_PIECE })));
});

test('a tokenizer whose words are several tokens is met exactly too', async () => {
  const file = await characterTokenizer();
  const count = await counterOf(file);
  assert.equal(count('ab c'), 4, 'a token for each character');
  for (const tokens of [1, 2, 5, 64]) {
    const texts = textsOf(await make({ tokens, tokenizer: file }));
    for (const text of texts) assert.equal(count(text), tokens, text);
  }
});

test('without a tokenizer words count as tokens', async () => {
  const texts = textsOf(await make({ tokens: 12 }));
  for (const text of texts) assert.equal(text.split(' ').length, 12);
  for (const text of texts) assert.match(text, /^[a-z ]+$/);
});

test('a text is a function of seed, name and row alone', async () => {
  const all = textsOf(await make({ slice: { skip: 0, rows: 20 } }));
  const later = textsOf(await make({ slice: { skip: 5, rows: 3 } }));
  assert.deepEqual(later, all.slice(5, 8));
  assert.notDeepEqual(textsOf(await make({ seed: 2, slice: { skip: 0, rows: 20 } })), all);
  assert.equal(new Set(all).size, 20);
});

test('a tokenizer that leaves no room, is missing or is none is refused', async () => {
  const refusal = async (options: Parameters<typeof make>[0]) => {
    const error: unknown = await make(options).then(
      () => assert.fail('it opened'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof LoadgenError);
    return error;
  };
  const noRoom = await refusal({ tokens: 2, tokenizer: WORD_PIECE });
  assert.equal(noRoom.code, 'DATA_NOT_USABLE');
  assert.match(noRoom.message, /adds 2 tokens to every text, which leaves none of 2 for words/);
  const missing = await refusal({ tokenizer: join(folder, 'nowhere.json') });
  assert.equal(missing.code, 'DATA_NOT_READABLE');
  const file = join(folder, 'no-tokenizer.json');
  await writeFile(file, '{"model": 1}');
  assert.equal((await refusal({ tokenizer: file })).code, 'DATA_NOT_USABLE');
  await writeFile(file, 'not JSON');
  assert.equal((await refusal({ tokenizer: file })).code, 'DATA_NOT_USABLE');
});
