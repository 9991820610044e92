import { CEL_CONSTANTS, readIntegers, type CelNode } from './cel-library.ts';
import { ExpressionError } from './expression-error.ts';
import { suggestName, type Shape } from './roots.ts';

/** A chain of property reads with nothing computed: `json.embeddings[0]`. */
export interface Path {
  readonly root: string;
  readonly members: readonly (string | number)[];
}

/** The path that `node` is, or undefined. Constants of CEL such as `int` are none. */
export function pathOf(node: CelNode): Path | undefined {
  if (node.meta.alternate ?? node.meta.macro) return undefined;
  if (node.op === 'id') return { root: node.args as string, members: [] };
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const [left, right] = node.args as [CelNode, string | CelNode];
  const member = typeof right === 'string' ? right : literalMember(right);
  const path = member === undefined ? undefined : pathOf(left);
  return path && { root: path.root, members: [...path.members, member!] };
}

function literalMember(node: CelNode): string | number | undefined {
  if (node.op !== 'value') return undefined;
  if (typeof node.args === 'bigint') return Number(node.args);
  return typeof node.args === 'string' ? node.args : undefined;
}

/**
 * Walks a parsed expression: collects what it reads, refuses what `roots` does not have, and
 * turns on integers from JSON in every node that reads.
 */
export function collectReads(ast: CelNode, text: string, roots: Shape): ReadonlySet<string> {
  const reads = new Set<string>();

  function visit(node: CelNode, bound: ReadonlySet<string>): void {
    const { alternate, macro } = node.meta;
    if (alternate) return visit(alternate, bound);
    if (macro) return visitMacro(macro, bound);
    if (isRead(node)) return visitRead(node, [], bound);
    if (node.op === 'comprehension') return visitComprehension(node.args as Comprehension, bound);
    if (node.op === 'value') return;
    for (const child of childrenOf(node.args)) visit(child, bound);
  }

  /** `below` are the literal members that are read of `node`, nearest first. */
  function visitRead(node: CelNode, below: readonly Member[], bound: ReadonlySet<string>): void {
    readIntegers(node);
    if (node.op === 'id') {
      const root: Member = { name: node.args as string, offset: node.pos };
      if (!bound.has(root.name as string)) noteRead([root, ...below]);
      return;
    }
    const [left, right] = node.args as [CelNode, string | CelNode];
    const name = typeof right === 'string' ? right : literalMember(right);
    if (name === undefined) visit(right as CelNode, bound);
    const offset = typeof right === 'string' ? node.pos : right.pos;
    const members = name === undefined ? [] : [{ name, offset }, ...below];
    if (isRead(left)) visitRead(left, members, bound);
    else visit(left, bound);
  }

  function visitMacro(macro: NonNullable<CelNode['meta']['macro']>, bound: ReadonlySet<string>) {
    for (const argument of macro.args ?? []) visit(argument, bound);
    if (macro.val) visit(macro.val, bound);
    if (macro.exp) visit(macro.exp, new Set([...bound, macro.var!]));
  }

  function visitComprehension(args: Comprehension, bound: ReadonlySet<string>): void {
    visit(args.iterable, bound);
    visit(args.init, bound);
    visit(args.step, new Set([...bound, args.iterVarName]));
  }

  function noteRead(members: readonly Member[]): void {
    const first = String(members[0]!.name);
    if (CEL_CONSTANTS.has(first)) {
      if (roots === 'any' || !Object.hasOwn(roots, first)) return;
      const reason = `"${first}" is a type of CEL, and cannot be read as a name`;
      throw new ExpressionError(reason, { text, offset: members[0]!.offset });
    }
    if (roots === 'any') return void reads.add(first);
    reads.add(knownPrefix(members, text, roots));
  }

  visit(ast, new Set());
  return reads;
}

interface Member {
  readonly name: string | number;
  readonly offset: number;
}

interface Comprehension {
  readonly iterable: CelNode;
  readonly init: CelNode;
  readonly step: CelNode;
  readonly iterVarName: string;
}

const LONGEST_SHOWN = 60;

/** The dotted path as far as the shape knows it; throws for a member that is not there. */
function knownPrefix(members: readonly Member[], text: string, roots: Shape): string {
  const known: string[] = [];
  let shape = roots;
  for (const { name, offset } of members) {
    if (shape === 'any') break;
    if (!Object.hasOwn(shape, name)) {
      const where = known.length === 0 ? 'is not known here' : `is no field of ${known.join('.')}`;
      const reason = `"${shortened(String(name))}" ${where}; ${suggestName(String(name), Object.keys(shape))}`;
      throw new ExpressionError(reason, { text, offset });
    }
    shape = shape[name]!;
    known.push(String(name));
  }
  return known.join('.');
}

/** Names that the user wrote may have any length, and messages have not. */
function shortened(name: string): string {
  return name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name;
}

function isRead(node: CelNode): boolean {
  const expanded = node.meta.alternate ?? node.meta.macro;
  return !expanded && (node.op === 'id' || node.op === '.' || node.op === '[]');
}

/** The nodes among the arguments of a node, however deep they are nested in lists. */
function childrenOf(args: unknown): readonly CelNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is CelNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'meta' in value;
}
