import { compileStep, type CompiledStep } from './compile-step.ts';
import { FlowLoop } from './flow-loop.ts';
import type { FlowRunner, FlowRuntime } from './flow-runtime.ts';
import type { StepKnowledge } from './step-roots.ts';
import { thinkTimes } from './think-time.ts';
import type { StepPlan } from './step-schema.ts';

export type { FlowRunner, FlowRuntime } from './flow-runtime.ts';

/** Compiles a flow once for a whole trial. Throws an ExpressionError for templates that are none. */
export function compileFlow(runtime: FlowRuntime): FlowRunner {
  const targets = [...new Set(runtime.steps.map(({ target }) => target))];
  const steps = runtime.steps.map((plan, index) =>
    compileStep(plan, {
      lane: runtime.lanes[index]!,
      target: targets.indexOf(plan.target),
      driver: runtime.drivers.get(plan.target)!,
      definition: runtime.definitions.get(plan.target)!,
      known: knowledgeAt(runtime, index),
      params: runtime.params,
      before: runtime.steps.slice(0, index).map(({ name }) => name),
    }),
  );
  return new FlowLoop(runtime, {
    steps,
    targets: targets.map((target) => ({ target, driver: runtime.drivers.get(target)! })),
    feeders: [...runtime.feeders.values()].filter(({ name }) => isRead(name, steps)),
    thinks: runtime.steps.map(({ thinkBefore }) => thinkTimes(thinkBefore, runtime)),
    thinkAfter: thinkTimes(runtime.thinkAfter, runtime),
    usesUuid: steps.some(({ reads }) => reads.has('iteration.uuid') || reads.has('iteration')),
    scope: {
      params: runtime.params,
      extracts: extractsOf(runtime.steps),
      resultFields: new Set(runtime.steps.flatMap((plan) => resultFieldsOf(plan, runtime))),
    },
  });
}

function knowledgeAt(runtime: FlowRuntime, index: number): StepKnowledge {
  const feeders = [...runtime.feeders.values()].map(({ name, fields }) => [name, fields]);
  return {
    params: Object.keys(runtime.params),
    feeders: Object.fromEntries(feeders) as StepKnowledge['feeders'],
    extracts: extractsOf(runtime.steps.slice(0, index)),
    resultFields: resultFieldsOf(runtime.steps[index]!, runtime),
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
