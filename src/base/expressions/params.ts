import { compileTemplate, compileValue } from './compile-template.ts';
import { ExpressionError } from './expression-error.ts';
import { hasPlaceholder, solePlaceholder, splitPlaceholders } from './placeholders.ts';
import { membersOf } from './roots.ts';
import type { Scope } from './template.ts';

type Path = readonly (string | number)[];

/** A text of the tree that cannot be resolved, and where it stands. */
export interface ParamsProblem {
  readonly path: Path;
  readonly message: string;
}

export interface ResolvedParams {
  readonly value: unknown;
  readonly problems: readonly ParamsProblem[];
}

/**
 * Replaces, anywhere in a JSON tree, every text whose `{{ }}` read nothing but `params` by its
 * value: of whatever type for a text that is one `{{ }}` and nothing else. Texts that read
 * anything else stay as they are, for they belong to a row. Problems are collected, not thrown.
 */
export function resolveParams(value: unknown, params: Readonly<Scope>): ResolvedParams {
  const problems: ParamsProblem[] = [];
  return { value: resolve(value, { params, problems, path: [] }), problems };
}

interface Visit {
  readonly params: Readonly<Scope>;
  readonly problems: ParamsProblem[];
  readonly path: Path;
}

function resolve(value: unknown, visit: Visit): unknown {
  if (typeof value === 'string') return hasPlaceholder(value) ? resolveText(value, visit) : value;
  if (typeof value !== 'object' || value === null) return value;
  const inside = (key: string | number): Visit => ({ ...visit, path: [...visit.path, key] });
  if (Array.isArray(value)) return value.map((item, index) => resolve(item, inside(index)));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, resolve(member, inside(key))]),
  );
}

function resolveText(text: string, { params, problems, path }: Visit): unknown {
  try {
    if (!readsOnlyParams(text)) return text;
    const roots = { params: membersOf(Object.keys(params)) };
    const scope: Scope = { params };
    return solePlaceholder(splitPlaceholders(text))
      ? compileValue(text, { roots })(scope)
      : compileTemplate(text, 'text', { roots }).render(scope);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.push({ path, message: error.message });
    return text;
  }
}

function readsOnlyParams(text: string): boolean {
  const { reads } = compileTemplate(text, 'text', { roots: 'any' });
  return [...reads].every((root) => root === 'params');
}
