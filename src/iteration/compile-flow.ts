import { compileExpression } from '../base/expressions/expression.ts';
import type { Feeder } from '../data/feeder.ts';
import { compileStep, type CompiledStep } from './compile-step.ts';
import { compileProgram } from './compile-program.ts';
import { FlowLoop } from './flow-loop.ts';
import type { FlowParts } from './flow-places.ts';
import type { FlowRunner, FlowRuntime } from './flow-runtime.ts';
import type { ProgramNode } from './program.ts';
import { ProgramLoop } from './program-loop.ts';
import { requestRoots, type StepKnowledge } from './step-roots.ts';
import { thinkTimes } from './think-time.ts';
import type { StepPlan } from './step-schema.ts';

export type { FlowRunner, FlowRuntime } from './flow-runtime.ts';

/** Compiles a flow once for a whole trial. Throws an ExpressionError for templates that are none. */
export function compileFlow(runtime: FlowRuntime): FlowRunner {
  const targets = [...new Set(runtime.steps.map(({ target }) => target))];
  const conditions = conditionsOf(runtime.program ?? []);
  const steps = runtime.steps.map((plan, index) =>
    compileStep(plan, {
      when: conditions.get(index),
      lane: runtime.lanes[index]!,
      target: targets.indexOf(plan.target),
      driver: runtime.drivers.get(plan.target)!,
      definition: runtime.definitions.get(plan.target)!,
      known: knowledgeAt(runtime, index),
      params: runtime.params,
      firstScorer: runtime.scores?.firstScorers[index] ?? 0,
      answerFields: runtime.scores?.answerFields[index] ?? [],
      watch: runtime.scores?.watches[index],
      before: runtime.steps.slice(0, index).map(({ name }) => name),
    }),
  );
  const read = [...runtime.feeders.values()].filter(({ name }) => isRead(name, steps));
  const parts: FlowParts = {
    steps,
    targets: targets.map((target) => ({ target, driver: runtime.drivers.get(target)! })),
    feeders: read.filter(({ perVu }) => !perVu),
    heldFeeders: read.filter(({ perVu }) => perVu),
    thinks: runtime.steps.map(({ thinkBefore }) => thinkTimes(thinkBefore, runtime)),
    thinkAfter: thinkTimes(runtime.thinkAfter, runtime),
    usesUuid: steps.some(({ reads }) => reads.has('iteration.uuid') || reads.has('iteration')),
    scope: {
      params: runtime.params,
      extracts: extractsOf(runtime.steps),
      resultFields: new Set(runtime.steps.flatMap((plan) => resultFieldsOf(plan, runtime))),
    },
  };
  if (runtime.program === undefined) return new FlowLoop(runtime, parts);
  const compiled = compileProgram(runtime.program, {
    seed: runtime.seed,
    flow: runtime.flow,
    names: runtime.steps.map(({ name }) => name),
    expression: (text, before) =>
      compileExpression(text, { roots: requestRoots(knowledgeAt(runtime, before)) }),
  });
  const all = [...read, ...feedersOf(runtime, compiled.reads)];
  return new ProgramLoop(
    runtime,
    {
      ...parts,
      feeders: [...new Set(all)].filter(({ perVu }) => !perVu),
      heldFeeders: [...new Set(all)].filter(({ perVu }) => perVu),
      usesUuid: parts.usesUuid || compiled.reads.some((path) => path.startsWith('iteration')),
    },
    compiled.nodes,
  );
}

/** `when` by operation. */
function conditionsOf(nodes: readonly ProgramNode[]): Map<number, string | undefined> {
  const conditions = new Map<number, string | undefined>();
  const visit = (node: ProgramNode): void => {
    if (node.kind === 'operation') conditions.set(node.step, node.when);
    if (node.kind === 'group') node.nodes.forEach(visit);
    if (node.kind === 'oneOf') node.choices.forEach((choice) => visit(choice.node));
  };
  nodes.forEach(visit);
  return conditions;
}

function feedersOf({ feeders }: FlowRuntime, reads: readonly string[]): readonly Feeder[] {
  const roots = new Set(reads.map((path) => path.split('.')[0]!));
  return [...feeders.values()].filter(({ name }) => roots.has(name));
}

function knowledgeAt(runtime: FlowRuntime, index: number): StepKnowledge {
  const feeders = [...runtime.feeders.values()].map(({ name, fields }) => [name, fields]);
  return {
    params: Object.keys(runtime.params),
    feeders: Object.fromEntries(feeders) as StepKnowledge['feeders'],
    extracts: extractsOf(runtime.steps.slice(0, index)),
    resultFields:
      index < runtime.steps.length ? resultFieldsOf(runtime.steps[index]!, runtime) : [],
  };
}

function extractsOf(steps: readonly StepPlan[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(steps.map(({ name, extract }) => [name, Object.keys(extract)]));
}

function resultFieldsOf({ target, verb }: StepPlan, { definitions }: FlowRuntime): string[] {
  return Object.keys(definitions.get(target)!.verbs[verb]!.resultFields);
}

function isRead(root: string, steps: readonly CompiledStep[]): boolean {
  return steps.some(({ reads }) => [...reads].some((path) => path.split('.')[0] === root));
}
