import type { $ZodIssue } from 'zod/v4/core';

/** How much of a found value a message shows. */
const SHOWN_CHARACTERS = 60;

/** The value as a message shows it: short, on one line. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/**
 * "expected …, found …" for an issue of a schema. A message that a schema gives itself is either
 * what it expects of a text (after a format), or a sentence of its own (after a refinement).
 */
export function issueText(issue: $ZodIssue, found: unknown): string {
  if (issue.code === 'custom' || isRefused(issue)) return issue.message;
  const expected = isOwnMessage(issue.message) ? issue.message : expectation(issue);
  return expected.startsWith('expected ') || expected.startsWith('must ')
    ? expected
    : `expected ${expected}, found ${shown(found)}`;
}

/** `z.never()` with a message that says why the key is not taken. */
function isRefused(issue: $ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.expected === 'never';
}

/** zod's own messages begin like this; whatever else stands there was written by a room. */
function isOwnMessage(message: string): boolean {
  return !/^(Invalid|Too (small|big)|Unrecognized)/.test(message);
}

function expectation(issue: $ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values.map(String));
    case 'too_small':
      return bound(issue.origin, issue.minimum, 'least', issue.inclusive === false);
    case 'too_big':
      return bound(issue.origin, issue.maximum, 'most', issue.inclusive === false);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'a URL' : 'a text of another form';
    case 'invalid_key':
      return 'another name';
    case 'invalid_union':
    case 'unrecognized_keys':
    case 'invalid_element':
    case 'custom':
      return 'something else';
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  null: 'nothing',
};

export function oneOf(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function bound(origin: string, limit: number | bigint, side: 'least' | 'most', exclusive: boolean) {
  if (origin === 'string') return `at ${side} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `a list of at ${side} ${limit}`;
  if (exclusive) return side === 'least' ? `more than ${limit}` : `less than ${limit}`;
  return `at ${side} ${limit}`;
}
