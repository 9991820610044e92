import { celOffset, celReason, parseCel, type CelProgram } from './cel-library.ts';
import { toJavaScript } from './cel-values.ts';
import { ExpressionError } from './expression-error.ts';
import { collectReads, pathOf, type Path } from './reads.ts';
import type { Shape } from './roots.ts';
import { compileSimple, FAILED, UNDECIDED } from './simple-expression.ts';
import type { Scope } from './template.ts';

/** One CEL expression, compiled. Integers come and go as JavaScript numbers while they are safe. */
export interface Expression {
  readonly text: string;
  /** What it reads, as far as `roots` knows it: `status`, `queries.line`, `steps.embed.vector`. */
  readonly reads: ReadonlySet<string>;
  /** CEL's static type: `bool`, `string`, `list<int>`; `dyn` where only the values will tell. */
  readonly type: string;
  /** Throws an ExpressionError where something is missing or types do not fit. */
  evaluate(scope: Scope): unknown;
  /** True only for true: false for anything else, and where `evaluate` would throw. */
  test(scope: Scope): boolean;
}

export interface ExpressionOptions {
  /** What it may read; `any` accepts every name. */
  readonly roots: Shape;
}

/**
 * Compiles `text` once. Throws an ExpressionError for wrong syntax, for types that cannot fit,
 * and for names that `roots` does not have.
 */
export function compileExpression(text: string, { roots }: ExpressionOptions): Expression {
  const program = parse(text);
  const reads = collectReads(program.ast, text, roots);
  const type = checkTypes(program, text);
  const path = pathOf(program.ast);
  if (path && type === 'dyn') return plainPath(text, path, reads);
  return evaluated(text, program, { reads, type });
}

function parse(text: string): CelProgram {
  try {
    return parseCel(text);
  } catch (error) {
    throw new ExpressionError(celReason(error), { text, offset: celOffset(error) });
  }
}

function checkTypes(program: CelProgram, text: string): string {
  const { valid, type, error } = program.check();
  if (valid) return type!;
  throw new ExpressionError(celReason(error), { text, offset: celOffset(error) });
}

/** A path is read from the objects themselves: no library, and any kind of object will do. */
function plainPath(text: string, { root, members }: Path, reads: ReadonlySet<string>): Expression {
  function read(scope: Scope): unknown {
    let value = scope[root];
    for (let i = 0; i < members.length; i++) value = memberOf(value, members[i]!);
    return value;
  }
  return {
    text,
    reads,
    type: 'dyn',
    evaluate(scope) {
      const value = read(scope);
      if (value === undefined) throw new ExpressionError(`${text} is missing`, { text });
      return value;
    },
    test: (scope) => read(scope) === true,
  };
}

function memberOf(value: unknown, member: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return typeof member === 'number' ? (value as ArrayLike<unknown>)[member] : undefined;
  }
  if (INHERITED.has(member) && !Object.hasOwn(value, member)) return undefined;
  return (value as Record<string, unknown>)[member];
}

/** What every object has and no row means, such as `constructor`. */
const INHERITED: ReadonlySet<string | number> = new Set(
  Object.getOwnPropertyNames(Object.prototype),
);

function evaluated(
  text: string,
  program: CelProgram,
  known: { reads: ReadonlySet<string>; type: string },
): Expression {
  const simple = compileSimple(program.ast) ?? (() => UNDECIDED);

  function evaluate(scope: Scope): unknown {
    const value = simple(scope);
    if (value !== UNDECIDED && value !== FAILED) return value;
    try {
      return toJavaScript(program(scope));
    } catch (error) {
      throw new ExpressionError(celReason(error), { text, offset: celOffset(error) });
    }
  }

  function test(scope: Scope): boolean {
    const value = simple(scope);
    if (value !== UNDECIDED) return value === true;
    try {
      return program(scope) === true;
    } catch {
      return false;
    }
  }

  return { text, ...known, evaluate, test };
}
