import { CEL_CONSTANTS, type CelNode } from './cel-library.ts';
import { pathOf } from './reads.ts';
import type { Scope } from './template.ts';

/**
 * Comparisons of paths and literals, `&&`, `||`, `!`, `size()` and `in [literals]` as closures:
 * the expectations that run after every answer, at a fraction of what the library's evaluator
 * costs. A closure decides only what is certain (values of one primitive type, members that are
 * there or are not) and says UNDECIDED for the rest, which then goes to the library; so the two
 * cannot differ but in what is decided here, and a property test compares that with the library.
 */
export const UNDECIDED: unique symbol = Symbol('undecided');

/** The library would throw here: something that is read is missing. */
export const FAILED: unique symbol = Symbol('failed');

export type SimpleExpression = (scope: Scope) => unknown;

/** The closure for `node`, or undefined when it holds anything but the forms named above. */
export function compileSimple(node: CelNode): SimpleExpression | undefined {
  if (node.meta.macro ?? node.meta.alternate) return undefined;
  switch (node.op) {
    case 'value':
      return compileLiteral(node);
    case 'id':
    case '.':
    case '[]':
      return compilePath(node);
    case 'call':
    case 'rcall':
      return compileSize(node);
    case '&&':
    case '||':
      return compileLogic(node.op === '||', node.args as [CelNode, CelNode]);
    case '!_':
      return compileNot(node.args as CelNode);
    case 'in':
      return compileMembership(node.args as [CelNode, CelNode]);
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compileComparison(node.op, node.args as [CelNode, CelNode]);
    default:
      return undefined;
  }
}

function compileLiteral(node: CelNode): SimpleExpression | undefined {
  const value = literalOf(node);
  return value === undefined ? undefined : () => value;
}

/** A number, text, boolean or null; undefined for bytes, uints and integers beyond doubles. */
function literalOf(node: CelNode): number | string | boolean | null | undefined {
  const value = node.op === 'value' ? node.args : undefined;
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  }
  const plain = typeof value === 'number' || typeof value === 'string' || value === null;
  return plain || typeof value === 'boolean'
    ? (value as number | string | boolean | null)
    : undefined;
}

function compilePath(node: CelNode): SimpleExpression | undefined {
  const path = pathOf(node);
  if (!path || CEL_CONSTANTS.has(path.root)) return undefined;
  const { root, members } = path;
  if (members.length === 0) return (scope) => present(scope[root]);
  if (members.length === 1) {
    const member = members[0]!;
    return (scope) => present(readMember(scope[root], member));
  }
  return (scope) => {
    let value: unknown = scope[root];
    for (let i = 0; i < members.length; i++) value = readMember(value, members[i]!);
    return present(value);
  };
}

function present(value: unknown): unknown {
  return value === undefined ? FAILED : value;
}

/** What CEL reads: elements of arrays by number, own members of plain objects by name. */
function readMember(value: unknown, member: string | number): unknown {
  if (typeof value !== 'object' || value === null) return value === UNDECIDED ? value : undefined;
  if (Array.isArray(value)) return typeof member === 'number' ? value[member] : undefined;
  const { constructor } = value;
  if (constructor !== Object && constructor !== undefined) return UNDECIDED;
  return Object.hasOwn(value, member) ? (value as Record<string, unknown>)[member] : undefined;
}

function compileSize(node: CelNode): SimpleExpression | undefined {
  const [name, first, rest] = node.args as [string, CelNode | CelNode[], CelNode[] | undefined];
  const operands = node.op === 'call' ? (first as CelNode[]) : [first as CelNode, ...rest!];
  const operand = operands[0];
  if (name !== 'size' || operands.length !== 1 || !operand || operand.op === 'value') {
    return undefined;
  }
  const read = compileSimple(operand);
  if (!read) return undefined;
  return (scope) => sizeOf(read(scope));
}

function sizeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'string') return codePointsIn(value);
  return value === FAILED ? FAILED : UNDECIDED;
}

function codePointsIn(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++, count++) {
    if ((text.codePointAt(i) ?? 0) > 0xffff) i++;
  }
  return count;
}

/** An operand that fails does not matter where the other one settles the answer: CEL's rule. */
function compileLogic(settling: boolean, args: [CelNode, CelNode]): SimpleExpression | undefined {
  const left = compileSimple(args[0]);
  const right = compileSimple(args[1]);
  if (!left || !right) return undefined;
  return (scope) => {
    const first = left(scope);
    if (first === settling) return settling;
    const second = right(scope);
    if (second === settling) return settling;
    if (first === UNDECIDED || second === UNDECIDED) return UNDECIDED;
    return first === !settling && second === !settling ? second : FAILED;
  };
}

function compileNot(operand: CelNode): SimpleExpression | undefined {
  const read = compileSimple(operand);
  if (!read) return undefined;
  return (scope) => {
    const value = read(scope);
    if (typeof value === 'boolean') return !value;
    return value === FAILED ? FAILED : UNDECIDED;
  };
}

function compileMembership(args: [CelNode, CelNode]): SimpleExpression | undefined {
  const read = compileSimple(args[0]);
  if (!read || args[1].op !== 'list') return undefined;
  const literals = (args[1].args as CelNode[]).map(literalOf);
  const type = typeof literals[0];
  if (type !== 'number' && type !== 'string') return undefined;
  if (literals.some((literal) => typeof literal !== type)) return undefined;
  return (scope) => {
    const value = read(scope);
    if (typeof value === type) return literals.includes(value as number | string);
    return value === FAILED ? FAILED : UNDECIDED;
  };
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
type Comparable = number | string | boolean;

function compileComparison(
  operator: Comparison,
  args: [CelNode, CelNode],
): SimpleExpression | undefined {
  const left = compileSimple(args[0]);
  const right = compileSimple(args[1]);
  if (!left || !right) return undefined;
  const compare = COMPARE[operator];
  return (scope) => {
    const first = left(scope);
    const second = right(scope);
    if (isComparable(first) && typeof first === typeof second) {
      return compare(first, second as Comparable);
    }
    return first === FAILED || second === FAILED ? FAILED : UNDECIDED;
  };
}

function isComparable(value: unknown): value is Comparable {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}

const COMPARE: Record<Comparison, (left: Comparable, right: Comparable) => boolean> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};
