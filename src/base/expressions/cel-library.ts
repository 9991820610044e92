import { Environment, type EvaluationError, type ParseError } from '@marcbachmann/cel-js';

/**
 * The library's syntax tree as far as we read it. `meta` is not in its published types: it holds
 * what a node does when evaluated, and macros hang their expansion there. The library is pinned
 * to one version, and the tests of this folder fail when another one behaves differently.
 */
export interface CelNode {
  readonly op: string;
  readonly args: unknown;
  /** Where what the node is about stands: of `a.b`, the `b`. */
  readonly pos: number;
  readonly checkedType?: { readonly kind: string };
  readonly meta: {
    readonly evaluate: (evaluator: unknown, node: CelNode, context: unknown) => unknown;
    readonly alternate?: CelNode;
    readonly macro?: CelMacro;
    readonly integers?: boolean;
  };
  setMeta(name: string, value: unknown): this;
}

/** `has(path)` has `args`; `cel.bind(var, val, exp)` the other three. */
interface CelMacro {
  readonly args?: readonly CelNode[];
  readonly var?: string;
  readonly val?: CelNode;
  readonly exp?: CelNode;
}

export interface CelProgram {
  (scope: object): unknown;
  readonly ast: CelNode;
  check(): { valid: boolean; type?: string; error?: ParseError | EvaluationError };
}

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
});

// CEL refuses to mix int and double. Here numbers come from JSON, which has only one kind.
environment
  .registerOperator('int + double: double', (a: bigint, b: number) => Number(a) + b)
  .registerOperator('double + int: double', (a: number, b: bigint) => a + Number(b))
  .registerOperator('int - double: double', (a: bigint, b: number) => Number(a) - b)
  .registerOperator('double - int: double', (a: number, b: bigint) => a - Number(b))
  .registerOperator('int * double: double', (a: bigint, b: number) => Number(a) * b)
  .registerOperator('double * int: double', (a: number, b: bigint) => a * Number(b))
  .registerOperator('int / double: double', (a: bigint, b: number) => Number(a) / b)
  .registerOperator('double / int: double', (a: number, b: bigint) => a / Number(b))
  .registerOperator('int == double', (a: bigint, b: number) => Number(a) === b);

/** Names that mean something to CEL wherever they stand, such as `int` or `cel`. */
export const CEL_CONSTANTS: ReadonlySet<string> = new Set(
  environment.getDefinitions().variables.map((variable) => variable.name),
);

/** Words that CEL does not take as an identifier. */
const CEL_KEYWORDS =
  'as break const continue else false for function if import in let loop namespace null package prototype return true var void while';

/** Names that no feeder may have: an expression could not reach it. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...CEL_CONSTANTS,
  ...CEL_KEYWORDS.split(' '),
]);

/** Parses `text`; throws the library's ParseError. Nodes that read get integers as ints. */
export function parseCel(text: string): CelProgram {
  return environment.parse(text) as unknown as CelProgram;
}

/**
 * Makes a node that reads from the scope yield safe integers as CEL ints, as JSON has no other
 * way to write one: so `json.total / 2`, `params.batch % 2` and `text.substring(params.n)` are
 * what they look like. Where CEL knows the static type it has decided already, and stays.
 */
export function readIntegers(node: CelNode): void {
  if (node.meta.integers) return;
  const { evaluate } = node.meta;
  node.setMeta('integers', true);
  node.setMeta('evaluate', (evaluator: unknown, self: CelNode, context: unknown) => {
    const value = evaluate(evaluator, self, context);
    if (typeof value !== 'number' || self.checkedType?.kind !== 'dyn') return value;
    return Number.isSafeInteger(value) ? BigInt(value) : value;
  });
}

/** What went wrong in one line, without the library's drawing of the place. */
export function celReason(thrown: unknown): string {
  const { summary, message } = thrown as { summary?: string; message: string };
  return (summary ?? message).split('\n')[0]!;
}

/** Where in the text it went wrong, where the library says so. */
export function celOffset(thrown: unknown): number | undefined {
  return (thrown as { range?: { start: number } }).range?.start;
}
