import type { $ZodIssue, $ZodType } from 'zod/v4/core';
import type { Finding } from '../finding.ts';
import { nearestHint } from '../nearest.ts';
import type { Path } from '../source/source-node.ts';
import { issueText, oneOf, shown } from './issue-text.ts';
import { isLaterKey, isLaterValue, LATER_MESSAGE } from './later-words.ts';
import { typeText } from './describe-keys.ts';
import { knownKeys, schemasAt } from './schema-walk.ts';

/** A value that a schema did not take, and how paths into it read from the scenario's root. */
export interface Refused {
  readonly schema: $ZodType;
  readonly value: unknown;
  /** The value as it may be shown: without secrets. */
  readonly display: unknown;
  /** Where the value stands in the tree. */
  readonly at: Path;
  /** The same with list items by name, for looking up words of later versions. */
  readonly dotted: string;
}

/** What the issues of a schema mean, in the words of the scenario language. */
export function schemaFindings(issues: readonly $ZodIssue[], refused: Refused): Finding[] {
  return issues.flatMap((issue) => findingsOf(issue, refused));
}

function findingsOf(issue: $ZodIssue, refused: Refused): Finding[] {
  const inside = issue.path as Path;
  const path = [...refused.at, ...inside];
  const found = valueAt(refused.display, inside);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, inside, refused));
    case 'invalid_key': {
      const key = String(path.at(-1));
      const message = issue.issues[0] ? issueText(issue.issues[0], key) : 'not a usable name';
      return [{ path, message, atKey: true }];
    }
    case 'invalid_union':
      return unionFindings(issue, path, found, refused);
    case 'invalid_value':
      return [wrongWord(issue.values.map(String), path, found, dottedPath(refused, inside))];
    case 'invalid_type':
      return [wrongType(issue, path, found, refused)];
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
    case 'too_big':
    case 'too_small':
      return [
        found === undefined ? missing(issue, path) : { path, message: issueText(issue, found) },
      ];
  }
}

function unknownKey(key: string, path: Path, inside: Path, refused: Refused): Finding {
  const at = { path: [...path, key], atKey: true };
  if (isLaterKey(dottedPath(refused, inside), key)) return { ...at, message: LATER_MESSAGE };
  const hint = nearestHint(key, knownKeys(refused.schema, inside, refused.value));
  return { ...at, message: 'unknown key', ...(hint !== undefined && { hint }) };
}

/** A text with a unit is told from other texts: `timeout: 5` needs a unit, not quotes. */
function wrongType(issue: $ZodIssue, path: Path, found: unknown, refused: Refused): Finding {
  const kinds = schemasAt(refused.schema, issue.path as Path, refused.value).map(typeText);
  const words = kinds.map((kind) => UNIT_WORDS[kind]).find((known) => known !== undefined);
  if (words === undefined)
    return found === undefined ? missing(issue, path) : { path, message: issueText(issue, found) };
  if (found === undefined) return { path, message: `is missing; expected ${words}` };
  return { path, message: `expected ${words}, found ${shown(found)}` };
}

const UNIT_WORDS: Readonly<Record<string, string>> = {
  duration: 'a duration with its unit, such as 250ms, 10s or 1m30s',
  rate: 'a rate with its unit, such as 200/s or 6000/min',
};

/** One word of a closed list was expected. */
function wrongWord(words: readonly string[], path: Path, found: unknown, dotted: string): Finding {
  if (found === undefined) return { path, message: `is missing; expected ${oneOf(words)}` };
  if (isLaterValue(dotted, found)) return { path, message: `${shown(found)} is ${LATER_MESSAGE}` };
  const hint = typeof found === 'string' ? nearestHint(found, words) : undefined;
  const message = `expected ${oneOf(words)}, found ${shown(found)}`;
  return { path, message, ...(hint?.startsWith('did') && { hint }) };
}

type UnionIssue = Extract<$ZodIssue, { code: 'invalid_union' }>;

/** The issues of the alternative that was most likely meant; of none, what would have been taken. */
function unionFindings(issue: UnionIssue, path: Path, found: unknown, refused: Refused): Finding[] {
  if ('discriminator' in issue && issue.errors.length === 0) {
    const words = ((issue as { options?: unknown[] }).options ?? []).map(String);
    return [wrongWord(words, path, found, dottedPath(refused, issue.path as Path))];
  }
  const alternatives = issue.errors.filter((issues) => !issues.every((one) => isOtherType(one)));
  const [meant] = alternatives.toSorted((a, b) => weight(a) - weight(b));
  if (meant !== undefined) {
    const placed = meant.map(
      (one) => ({ ...one, path: [...issue.path, ...one.path] }) as $ZodIssue,
    );
    return schemaFindings(placed, refused);
  }
  const kinds = issue.errors.flatMap((issues) => issues.slice(0, 1)).map((one) => expected(one));
  const message = `expected ${oneOf([...new Set(kinds)])}, found ${shown(found)}`;
  if (found !== undefined) return [{ path, message }];
  return [{ path, message: `is missing; expected ${oneOf([...new Set(kinds)])}` }];
}

function isOtherType(issue: $ZodIssue): boolean {
  return issue.path.length === 0 && issue.code === 'invalid_type';
}

/** Few and deep issues tell of a near miss. */
function weight(issues: readonly $ZodIssue[]): number {
  return issues.length - issues.filter((issue) => issue.path.length > 0).length / 100;
}

function expected(issue: $ZodIssue): string {
  return issueText(issue, undefined)
    .replace(/^expected /, '')
    .replace(/, found nothing$/, '');
}

function missing(issue: $ZodIssue, path: Path): Finding {
  return {
    path,
    message: issue.code === 'custom' ? issue.message : `is missing; expected ${expected(issue)}`,
  };
}

function dottedPath(refused: Refused, inside: Path): string {
  return [refused.dotted, ...inside.map(String)].filter((part) => part !== '').join('.');
}

function valueAt(value: unknown, path: Path): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Record<string | number, unknown>)[key];
  }
  return inner;
}
