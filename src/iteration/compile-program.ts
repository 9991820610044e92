import type { Expression } from '../base/expressions/expression.ts';
import type { Scope } from '../base/expressions/template.ts';
import { randomUniform, randomStream } from '../base/random/counter-random.ts';
import { PHASES } from '../measure/metrics/outcome.ts';
import { neededSteps } from './compile-step.ts';
import type { ProgramNode } from './program.ts';
import { takenNs } from './taken-time.ts';
import { ThinkTimes } from './think-time.ts';

/** A node of a program, ready to run. */
export type CompiledNode =
  | { readonly kind: 'operation'; readonly step: number }
  | {
      readonly kind: 'think';
      readonly when: Expression | undefined;
      readonly reads: ReadonlySet<string>;
      readonly thinkNs: (moment: ThinkMoment) => number;
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

/** What a think time may hang on. */
export interface ThinkMoment {
  readonly phase: number;
  readonly iteration: number;
  readonly scope: Scope;
  /** By step: 1 where it was not ok. */
  readonly notOk: Uint8Array;
}

export interface ProgramContext {
  readonly seed: number;
  readonly flow: number;
  /** Names of the operations, in order. */
  readonly names: readonly string[];
  /** Compiles an expression that stands before the operation `before`. */
  expression(text: string, before: number): Expression;
}

type ThinkNode = Extract<ProgramNode, { kind: 'think' }>;

export interface CompiledProgram {
  readonly nodes: readonly CompiledNode[];
  /** What the expressions of nodes read that are no operations. */
  readonly reads: readonly string[];
}

export function compileProgram(
  nodes: readonly ProgramNode[],
  context: ProgramContext,
): CompiledProgram {
  const reads: string[] = [];
  let before = 0;
  const expressionOf = (text: string): Expression => {
    const expression = context.expression(text, before);
    reads.push(...expression.reads);
    return expression;
  };
  const conditionOf = (text: string | undefined): Expression | undefined =>
    text === undefined ? undefined : expressionOf(text);
  const compile = (node: ProgramNode): CompiledNode => {
    switch (node.kind) {
      case 'operation':
        before = node.step + 1;
        return node;
      case 'think':
        return {
          kind: node.kind,
          when: conditionOf(node.when),
          ...thinkTimeOf(node, context, expressionOf),
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

function thinkTimeOf(
  { position, time }: ThinkNode,
  context: ProgramContext,
  expressionOf: (text: string) => Expression,
): Pick<Extract<CompiledNode, { kind: 'think' }>, 'reads' | 'thinkNs'> {
  if (time.kind !== 'from') {
    const times = new ThinkTimes([{ position, time }], context);
    return {
      reads: new Set(),
      thinkNs: ({ phase, iteration }) => times.drawNs(phase, iteration),
    };
  }
  const expression = expressionOf(time.from);
  const { reads } = expression;
  const needs = neededSteps([...reads], context.names);
  return {
    reads,
    thinkNs: ({ scope, notOk }) =>
      needs.some((step) => notOk[step] === 1) ? 0 : takenNs(time, expression, scope),
  };
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
