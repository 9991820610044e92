import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { randomBelow, randomStream, type RandomStream } from '../../base/random/counter-random.ts';
import { RandomSequence } from '../../base/random/random-sequence.ts';
import { openTokenCounter, type TokenCounter } from '../token-counter.ts';
import { fitTokens } from './fit-tokens.ts';
import { syllableLexicon, tokenizerLexicon, type Lexicon } from './lexicon.ts';
import { composedIds, type ComposedIds } from './word-ids.ts';

/** Words at the beginning of a salted text that no other one has: one of 2 × 10^14. */
const SALT_WORDS = 4;
/** Fitted beginnings that are kept, in characters; more are made again. */
const MAX_KEPT_CHARACTERS = 64 * 2 ** 20;

export interface TokenTextsOptions {
  /** The path of a tokenizer; without one, words count as tokens. */
  readonly tokenizer: string | undefined;
  readonly seed: number;
  /** Beginnings that texts share: each text has one of so many, so many tokens long. */
  readonly prefix?: { readonly groups: number; readonly tokens: number } | undefined;
  /** Begins with words that no other position has. */
  readonly salt?: boolean | undefined;
}

/** Which text: its row decides over the words, its position over the salt. */
export interface TextPlace {
  readonly row: number;
  readonly position: number;
  /** All of its tokens, with prefix and those that the tokenizer adds. */
  readonly tokens: number;
}

/** Texts of exactly so many tokens, each a function of (seed, feeder, place). */
export class TokenTexts {
  /** The fewest tokens that a text may have: a word beside what is added and shared. */
  readonly fewest: number;
  readonly #options: TokenTextsOptions & { readonly feeder: string };
  readonly #counter: TokenCounter | undefined;
  readonly #lexicon: Lexicon;
  readonly #ids: ComposedIds;
  readonly #groups: RandomStream;
  /** The words of rows, of shared beginnings, and of salt. */
  readonly #words: RandomSequence;
  readonly #prefixes: RandomSequence;
  readonly #salts: RandomSequence;
  readonly #fittedPrefixes = new Map<number, string>();
  #keptCharacters = 0;
  /** Whether a text has as many tokens as it has words, beside those added. */
  #addsUp: boolean;

  /** Throws DATA_NOT_READABLE and DATA_NOT_USABLE. */
  static async open(feeder: string, options: TokenTextsOptions): Promise<TokenTexts> {
    const { tokenizer } = options;
    const counter = tokenizer === undefined ? undefined : await openTokenCounter(feeder, tokenizer);
    return new TokenTexts({ ...options, feeder }, counter);
  }

  private constructor(
    options: TokenTextsOptions & { readonly feeder: string },
    counter: TokenCounter | undefined,
  ) {
    const { seed, feeder, prefix } = options;
    this.#options = options;
    this.#counter = counter;
    this.#lexicon = counter ? tokenizerLexicon(counter) : syllableLexicon();
    this.#addsUp = this.#lexicon.exact;
    this.#ids = composedIds(this.#lexicon.words, counter);
    this.#groups = randomStream(seed, `data/${feeder}/prefix-group`);
    this.#words = new RandomSequence(randomStream(seed, `data/${feeder}/text`));
    this.#prefixes = new RandomSequence(randomStream(seed, `data/${feeder}/prefix`));
    this.#salts = new RandomSequence(randomStream(seed, `data/${feeder}/salt`));
    this.fewest = this.added + (prefix?.tokens ?? 0) + 1;
  }

  /** Tokens that the tokenizer adds to every text. */
  get added(): number {
    return this.#counter?.added ?? 0;
  }

  /**
   * Counts texts by the tokenizer until `budgetTokens` were counted, at 2 µs a token. When one of
   * them is not what its words add up to, all texts will be counted, and fitted.
   */
  verify(places: Iterable<TextPlace>, budgetTokens: number): void {
    if (this.#counter === undefined || !this.#addsUp) return;
    let counted = 0;
    for (const place of places) {
      const ids = this.#counter.encode(this.#joined(this.#indexes(place)));
      this.#addsUp = ids.length === place.tokens && this.#ids.areRight(ids, this.#indexes(place));
      counted += place.tokens;
      if (!this.#addsUp || counted >= budgetTokens) return;
    }
  }

  /** Throws DATA_NOT_USABLE where no text of so many tokens is found. */
  text(place: TextPlace): string {
    if (this.#addsUp) return this.#joined(this.#indexes(place));
    return this.#fitted(place, this.#counter!);
  }

  /** What the tokenizer makes of the text; without one, a number for each word. */
  ids(place: TextPlace): number[] {
    if (this.#addsUp) return this.#ids.of(this.#indexes(place));
    return this.#counter!.encode(this.#fitted(place, this.#counter!));
  }

  #joined(indexes: Uint16Array): string {
    const { words } = this.#lexicon;
    const chosen: string[] = [];
    for (let at = 0; at < indexes.length; at++) chosen.push(words[indexes[at]!]!);
    return chosen.join(' ');
  }

  #indexes({ row, position, tokens }: TextPlace): Uint16Array {
    const { prefix, salt } = this.#options;
    const indexes = new Uint16Array(tokens - this.added);
    const begun = prefix?.tokens ?? (salt === true ? Math.min(indexes.length, SALT_WORDS) : 0);
    const beginning = indexes.subarray(0, begun);
    if (prefix !== undefined) this.#draw(beginning, this.#prefixes.restart(this.#groupOf(row)));
    if (salt === true) this.#draw(beginning, this.#salts.restart(position));
    this.#draw(indexes.subarray(begun), this.#words.restart(row));
    return indexes;
  }

  #groupOf(row: number): number {
    return randomBelow(this.#groups, row, this.#options.prefix!.groups);
  }

  #draw(indexes: Uint16Array, sequence: RandomSequence): Uint16Array {
    const { length } = this.#lexicon.words;
    for (let at = 0; at < indexes.length; at++) indexes[at] = sequence.below(length);
    return indexes;
  }

  /** By asking the tokenizer again and again: where words do not add up. */
  #fitted(place: TextPlace, counter: TokenCounter): string {
    const { row, tokens } = place;
    const { prefix, salt } = this.#options;
    const shared = prefix && `${this.#fittedPrefix(this.#groupOf(row), prefix.tokens, counter)} `;
    const own = tokens - this.added - (prefix?.tokens ?? 0);
    const sequence = salt === true ? this.#salts.restart(place.position) : this.#words.restart(row);
    const first = this.#somewhere(sequence, own);
    return this.#fit((shared ?? '') + first, tokens, { counter, sequence });
  }

  #fittedPrefix(group: number, tokens: number, counter: TokenCounter): string {
    const kept = this.#fittedPrefixes.get(group);
    if (kept !== undefined) return kept;
    const sequence = this.#prefixes.restart(group);
    const first = this.#somewhere(sequence, tokens);
    const text = this.#fit(first, tokens + this.added, { counter, sequence });
    this.#keptCharacters += text.length;
    if (this.#keptCharacters <= MAX_KEPT_CHARACTERS) this.#fittedPrefixes.set(group, text);
    return text;
  }

  /** About as many tokens as asked for. */
  #somewhere(sequence: RandomSequence, tokens: number): string {
    const count = Math.max(1, Math.round(tokens / this.#lexicon.tokensPerWord));
    return this.#joined(this.#draw(new Uint16Array(count), sequence));
  }

  #fit(
    text: string,
    tokens: number,
    { counter, sequence }: { counter: TokenCounter; sequence: RandomSequence },
  ): string {
    const { words } = this.#lexicon;
    const fitted = fitTokens(text, {
      tokens,
      count: counter.count,
      word: () => words[sequence.below(words.length)]!,
    });
    if (fitted !== undefined) return fitted;
    const { feeder, tokenizer = '' } = this.#options;
    const reason = `no text of exactly ${tokens} tokens was found`;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: tokenizer, reason });
  }
}
