import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';

/** Counts tokens as the model behind a server does. */
export interface TokenCounter {
  /** Tokens of `text` with those that the tokenizer adds to every text, such as [CLS] and [SEP]. */
  count(text: string): number;
  /** The ids of those tokens. */
  encode(text: string): number[];
  /** The ids without those that are added. */
  encodeBare(text: string): number[];
  /** How many it adds to every text. */
  readonly added: number;
  /** Its vocabulary, in the order of the ids. */
  vocabulary(): readonly string[];
}

/**
 * Reads a Hugging Face tokenizer.json, or the one in a folder, with the tokenizer_config.json
 * beside it where there is one. Throws DATA_NOT_READABLE and DATA_NOT_USABLE.
 */
export async function openTokenCounter(feeder: string, path: string): Promise<TokenCounter> {
  const file = await tokenizerFile(path);
  const [definition, config] = [await readText(feeder, file), await readConfig(file)];
  try {
    const tokenizer = new Tokenizer(JSON.parse(definition) as object, JSON.parse(config) as object);
    const encode = (text: string): number[] => tokenizer.encode(text).ids;
    const encodeBare = (text: string): number[] =>
      tokenizer.encode(text, { add_special_tokens: false }).ids;
    return {
      count: (text) => encode(text).length,
      encode,
      encodeBare,
      added: encode('a').length - encodeBare('a').length,
      vocabulary: () => sortedVocabulary(tokenizer),
    };
  } catch (error) {
    const reason = `it is no tokenizer that can be used: ${reasonOf(error)}`;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: file, reason });
  }
}

async function tokenizerFile(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  return isFolder ? join(path, 'tokenizer.json') : path;
}

async function readText(feeder: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new LoadgenError('DATA_NOT_READABLE', { feeder, file, reason: reasonOf(error) });
  }
}

function readConfig(file: string): Promise<string> {
  return readFile(join(dirname(file), 'tokenizer_config.json'), 'utf8').catch(() => '{}');
}

function sortedVocabulary(tokenizer: Tokenizer): readonly string[] {
  const entries = [...tokenizer.get_vocab(false)];
  return entries.toSorted(([, left], [, right]) => left - right).map(([token]) => token);
}
