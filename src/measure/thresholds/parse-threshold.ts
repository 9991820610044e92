import { OPERATORS, PLAIN_AGGREGATES } from './threshold-spec.ts';
import type { Aggregate, Operator, ThresholdExpression } from './threshold-spec.ts';
import { parseThresholdValue } from './threshold-value.ts';

/** Why a text is no threshold. */
export interface ThresholdProblem {
  readonly message: string;
  /** From 0, in UTF-16 code units: where the text stops making sense. */
  readonly offset: number;
  readonly hint: string;
}

export type ParsedThreshold =
  { readonly threshold: ThresholdExpression } | { readonly problem: ThresholdProblem };

/**
 * Reads one threshold:
 *
 *     threshold  = metric [ "{" tag { "," tag } "}" ] [ aggregate ] operator value
 *     metric     = letter { letter | digit | "_" } [ "@" digits ]      (lower case: recall@10)
 *     tag        = key ":" tag-value
 *     key        = letter { letter | digit | "_" | "." }               (step, params.tokens)
 *     tag-value  = "*" | any text without "," and "}"                  (embed, 512.., 1/s)
 *     aggregate  = "p(" number ")" | "avg" | "med" | "min" | "max"
 *                | "count" | "rate" | "share" | "last"
 *     operator   = "<" | "<=" | ">" | ">=" | "==" | "!="
 *     value      = duration | number [ unit ] [ "/" ( "s" | "min" | "h" ) ]
 *     unit       = "%" | "B" | "KB" | "MB" | "GB" | "KiB" | "MiB" | "GiB"
 *     duration   = number ( "ns" | "us" | "µs" | "ms" | "s" | "m" | "h" ) { … }   (1m30s)
 *
 * Blanks may stand between any two of them. Which aggregates and units a metric takes is checked
 * against a catalogue, by `checkThreshold`.
 */
export function parseThreshold(text: string): ParsedThreshold {
  try {
    return { threshold: new ThresholdReader(text).read() };
  } catch (thrown) {
    if (thrown instanceof Misread) return { problem: thrown.problem };
    throw thrown;
  }
}

/** Only ever thrown and caught in this file. */
class Misread extends Error {
  readonly problem: ThresholdProblem;

  constructor(problem: ThresholdProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

const EXAMPLE = 'for example response_time{step:embed} p(99) < 250ms';

class ThresholdReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ThresholdExpression {
    const metric = this.#metric();
    const tags = this.#tags();
    const aggregate = this.#aggregate();
    const operator = this.#operator();
    return { text: this.#text, metric, tags, aggregate, operator, ...this.#value() };
  }

  #metric(): string {
    const metric = this.#take(/[a-z][a-z0-9_]*(?:@\d+)?/y);
    if (metric === undefined) throw this.#misread('expected the name of a metric', EXAMPLE);
    return metric;
  }

  #tags(): Record<string, string> {
    const tags: Record<string, string> = {};
    if (this.#take(/\{/y) === undefined) return tags;
    do {
      const key = this.#take(/[A-Za-z][\w.]*/y);
      if (key === undefined)
        throw this.#misread('expected the name of a tag', 'write {step:embed}');
      if (Object.hasOwn(tags, key))
        throw this.#misread(`the tag ${key} stands twice`, 'name it once');
      if (this.#take(/:/y) === undefined) {
        throw this.#misread(`expected ":" after the tag ${key}`, `write {${key}:value}`);
      }
      const value = this.#take(/[^,{}]+/y)?.trim();
      if (!value)
        throw this.#misread(`expected a value of the tag ${key}`, `or * for each of them`);
      tags[key] = value;
    } while (this.#take(/,/y) !== undefined);
    if (this.#take(/\}/y) === undefined) {
      throw this.#misread('expected "," or "}" after a tag', 'write {step:embed,outcome:ok}');
    }
    return tags;
  }

  #aggregate(): Aggregate | undefined {
    if (this.#take(/p\(/y) !== undefined) return { kind: 'percentile', percent: this.#percent() };
    const start = this.#at;
    const word = this.#take(/[A-Za-z][\w.]*/y);
    if (word === undefined) return undefined;
    if (word === 'med') return { kind: 'percentile', percent: 50 };
    const kind = PLAIN_AGGREGATES.find((name) => name === word);
    if (kind !== undefined) return { kind };
    this.#at = start;
    const percentile = /^p(\d[\d.]*)$/.exec(word)?.[1];
    const known = `p(99), med, ${PLAIN_AGGREGATES.join(', ')}`;
    const hint = percentile === undefined ? `known: ${known}` : `write p(${percentile})`;
    throw this.#misread(`${word} is no aggregate`, hint);
  }

  #percent(): number {
    const start = this.#at;
    const percent = Number(this.#take(/\d+(?:\.\d+)?/y));
    if (!(percent > 0 && percent < 100)) {
      this.#at = start;
      const hint = 'write p(99) or p(99.9); the ends are min and max';
      throw this.#misread('expected a percentile above 0 and below 100', hint);
    }
    if (this.#take(/\)/y) === undefined) throw this.#misread('expected ")"', 'write p(99)');
    return percent;
  }

  #operator(): Operator {
    const operator = OPERATORS.find((known) => this.#text.startsWith(known, this.#skipBlanks()));
    if (operator === undefined) {
      const hint = this.#text[this.#at] === '=' ? 'write ==' : EXAMPLE;
      throw this.#misread('expected one of < <= > >= == !=', hint);
    }
    this.#at += operator.length;
    return operator;
  }

  #value(): ReturnType<typeof parseThresholdValue> & object {
    this.#skipBlanks();
    const written = this.#text.slice(this.#at).trim();
    const value = parseThresholdValue(written) ?? parseThresholdValue(written.replaceAll(' ', ''));
    if (value !== undefined) return value;
    const message = written === '' ? 'expected a value' : `expected a value, found ${written}`;
    throw this.#misread(message, 'write 250ms, 1.5s, 0.1%, 400/s, 64KiB or a number');
  }

  /** The text that `pattern` (sticky) matches after blanks, or undefined. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#skipBlanks();
    const taken = pattern.exec(this.#text)?.[0];
    if (taken !== undefined) this.#at += taken.length;
    return taken;
  }

  #skipBlanks(): number {
    while (this.#text[this.#at] === ' ') this.#at++;
    return this.#at;
  }

  #misread(message: string, hint: string): Misread {
    return new Misread({ message, offset: this.#skipBlanks(), hint });
  }
}
