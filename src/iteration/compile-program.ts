import type { Expression } from '../base/expressions/expression.ts';
import { randomUniform, randomStream } from '../base/random/counter-random.ts';
import { PHASES } from '../measure/metrics/outcome.ts';
import type { ProgramNode } from './program.ts';
import { ThinkTimes } from './think-time.ts';

/** A node of a program, ready to run. */
export type CompiledNode =
  | { readonly kind: 'operation'; readonly step: number }
  | {
      readonly kind: 'think';
      readonly when: Expression | undefined;
      readonly times: ThinkTimes;
    }
  | {
      readonly kind: 'group';
      readonly when: Expression | undefined;
      readonly nodes: readonly CompiledNode[];
    }
  | {
      readonly kind: 'oneOf';
      readonly when: Expression | undefined;
      readonly choose: (phase: number, iteration: number) => CompiledNode;
      readonly choices: readonly CompiledNode[];
    };

export interface ProgramContext {
  readonly seed: number;
  readonly flow: number;
  /** Compiles a `when` that stands before the operation `before`. */
  condition(text: string, before: number): Expression;
}

export interface CompiledProgram {
  readonly nodes: readonly CompiledNode[];
  /** What the conditions of nodes read that are no operations. */
  readonly reads: readonly string[];
}

export function compileProgram(
  nodes: readonly ProgramNode[],
  context: ProgramContext,
): CompiledProgram {
  const reads: string[] = [];
  let before = 0;
  const conditionOf = (text: string | undefined): Expression | undefined => {
    if (text === undefined) return undefined;
    const expression = context.condition(text, before);
    reads.push(...expression.reads);
    return expression;
  };
  const compile = (node: ProgramNode): CompiledNode => {
    switch (node.kind) {
      case 'operation':
        before = node.step + 1;
        return node;
      case 'think':
        return {
          kind: node.kind,
          when: conditionOf(node.when),
          times: new ThinkTimes([node], context),
        };
      case 'group':
        return { kind: node.kind, when: conditionOf(node.when), nodes: node.nodes.map(compile) };
      case 'oneOf': {
        const when = conditionOf(node.when);
        const choices = node.choices.map((choice) => compile(choice.node));
        const limits = cumulated(node.choices.map(({ weight }) => weight));
        const chosen = drawing(`oneOf/${node.position}`, context, (stream, iteration) => {
          const drawn = randomUniform(stream, iteration) * limits.at(-1)!;
          return choices[limits.findIndex((limit) => drawn < limit)]!;
        });
        return { kind: node.kind, when, choices, choose: chosen };
      }
    }
  };
  return { nodes: nodes.map(compile), reads };
}

/** Draws of warm-up and measured phase, and of each flow, are apart. */
function drawing<Drawn>(
  name: string,
  { seed, flow }: ProgramContext,
  draw: (stream: ReturnType<typeof randomStream>, iteration: number) => Drawn,
): (phase: number, iteration: number) => Drawn {
  const streams = PHASES.map((phase) => randomStream(seed, `${name}/${phase}/${flow}`));
  return (phase, iteration) => draw(streams[phase]!, iteration);
}

function cumulated(weights: readonly number[]): readonly number[] {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}
