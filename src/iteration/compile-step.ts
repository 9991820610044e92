import {
  compileJsonTemplate,
  compileTemplate,
  compileValue,
  type TemplateEnvironment,
} from '../base/expressions/compile-template.ts';
import { compileExpression, type Expression } from '../base/expressions/expression.ts';
import type { Scope } from '../base/expressions/template.ts';
import { NS_PER_MS } from '../base/time/clock.ts';
import type { Driver, DriverDefinition, PreparedOperation } from '../drivers/driver.ts';
import { laneChooser } from './data-tags.ts';
import { compileGoals, type Goal } from './goals.ts';
import { factorOf } from './own-metrics.ts';
import { answerRoots, requestRoots, type StepKnowledge } from './step-roots.ts';
import type { StepPlan } from './step-schema.ts';
import { compileWatch, type CompiledWatch, type RowWatch } from './watch-writes.ts';

/** A step, ready to run: what the loop of an iteration needs and nothing else. */
export interface CompiledStep {
  readonly name: string;
  readonly lane: number;
  /** Index of its target among those of the flow. */
  readonly target: number;
  readonly operation: PreparedOperation;
  readonly expectations: readonly Expression[];
  /** An expectation names the status: an answer the driver calls a failure is checked too. */
  readonly replacesStatus: boolean;
  readonly extracts: readonly Extract[];
  /** How often each expectation was the one that failed an answer; last: a value was missing. */
  readonly broken: Float64Array;
  readonly items: Expression | undefined;
  /** Empty: its answers are not scored. */
  readonly scores: readonly CompiledScore[];
  /** Its writes decide over what is right for searches. */
  readonly watch: CompiledWatch | undefined;
  /** Empty: the step has no goodput. */
  readonly goals: readonly Goal[];
  /** Infinity without one. */
  readonly deadlineNs: number;
  /** Indices of the steps whose extracted values it reads. */
  readonly needs: readonly number[];
  readonly endsIteration: boolean;
  /** All that its expressions and templates read. */
  readonly reads: ReadonlySet<string>;
  /** What only some steps have: a flow with such a one runs as a program. */
  readonly extras: StepExtras;
}

export interface CompiledScore {
  /** Among all scorers of the trial, for the first lane of the step. */
  readonly scorer: number;
  readonly answerField: string;
  readonly reference: Expression;
}

export interface StepExtras {
  readonly when: Expression | undefined;
  readonly until: Expression | undefined;
  readonly everyNs: number;
  readonly timeoutNs: number;
  /** Added to the step's first lane. */
  readonly laneOf: ((scope: Scope) => number) | undefined;
  readonly records: readonly OwnRecord[];
  /** Where the step's own metrics begin among the phases of a slot. */
  readonly ownPhases: number;
  readonly checkShare: number;
}

interface OwnRecord {
  readonly expression: Expression;
  readonly factor: number;
}

interface Extract {
  readonly name: string;
  readonly expression: Expression;
}

export interface StepContext {
  readonly lane: number;
  readonly target: number;
  readonly driver: Driver;
  readonly definition: DriverDefinition;
  readonly known: StepKnowledge;
  readonly params: Readonly<Record<string, unknown>>;
  /** Number of its first scorer, and the field of an answer that each of them looks at. */
  readonly firstScorer: number;
  readonly answerFields: readonly string[];
  readonly watch: RowWatch | undefined;
  /** Names of the steps before it, in order. */
  readonly before: readonly string[];
  readonly when?: string | undefined;
}

/** Compiles a step once for all its operations. Throws an ExpressionError. */
export function compileStep(plan: StepPlan, context: StepContext): CompiledStep {
  const { definition, known } = context;
  const roots = answerRoots(known);
  const expectations = plan.expect.map((text) => compileExpression(text, { roots }));
  const extracts = Object.entries(plan.extract).map(([name, text]) => ({
    name,
    expression: compileExpression(text, { roots }),
  }));
  const itemsText = plan.items ?? definition.verbs[plan.verb]!.items;
  const items = itemsText === undefined ? undefined : compileExpression(itemsText, { roots });
  const extras = compileExtras(plan, context);
  const all = [...expectations, ...extracts.map(({ expression }) => expression)];
  const scores = compileScores(plan, context);
  const references = scores.map(({ reference }) => reference);
  const others = [...(items ? [items] : []), ...references, ...expressionsOf(extras)];
  const fields = scores.map(({ answerField }) => answerField);
  const answerReads = new Set([...[...all, ...others].flatMap(readsOf), ...fields]);
  const judging = extras.until ? [...expectations, extras.until] : expectations;
  const requestReads = new Set<string>();
  const operation = compileOperation(plan, context, { answerReads, requestReads });
  const { statusFields } = definition.verbs[plan.verb]!;
  return {
    name: plan.name,
    lane: context.lane,
    target: context.target,
    operation,
    expectations,
    replacesStatus: judging.some(({ reads }) => statusFields.some((name) => reads.has(name))),
    extracts,
    broken: new Float64Array(expectations.length + 1),
    items,
    scores,
    watch: context.watch && compileWatch(context.watch, requestRoots(known)),
    goals: compileGoals(plan.slo, definition),
    deadlineNs: (plan.deadlineMs ?? Number.POSITIVE_INFINITY) * NS_PER_MS,
    needs: neededSteps([...requestReads, ...answerReads], context.before),
    endsIteration: plan.onFail === 'endIteration',
    reads: new Set([...requestReads, ...answerReads, ...tagReads(plan, context)]),
    extras,
  };
}

function compileScores(
  { score = [] }: StepPlan,
  { known, firstScorer, answerFields }: StepContext,
): readonly CompiledScore[] {
  return score.map(({ reference }, index) => ({
    scorer: firstScorer + index,
    answerField: answerFields[index]!,
    reference: compileExpression(reference, { roots: answerRoots(known) }),
  }));
}

function compileExtras(plan: StepPlan, { definition, known, when }: StepContext): StepExtras {
  const answer = { roots: answerRoots(known) };
  const request = { roots: requestRoots(known) };
  const { poll, record = [], dataTags = [], checkShare = 1, timeoutMs } = plan;
  const tags = dataTags.map((tag) => ({ tag, expression: compileExpression(tag.value, request) }));
  return {
    when: when === undefined ? undefined : compileExpression(when, request),
    until: poll && compileExpression(poll.until, answer),
    everyNs: poll?.everyNs ?? 0,
    timeoutNs: timeoutMs * NS_PER_MS,
    laneOf: tags.length === 0 ? undefined : laneChooser(tags),
    records: record.map((metric) => ({
      expression: compileExpression(metric.value, answer),
      factor: factorOf(metric),
    })),
    ownPhases: definition.phases.length,
    checkShare,
  };
}

function expressionsOf({ when, until, records }: StepExtras): readonly Expression[] {
  const single = [when, until].filter((expression) => expression !== undefined);
  return [...single, ...records.map(({ expression }) => expression)];
}

function tagReads({ dataTags = [] }: StepPlan, { known }: StepContext): readonly string[] {
  const roots = requestRoots(known);
  return dataTags.flatMap(({ value }) => readsOf(compileExpression(value, { roots })));
}

function readsOf({ reads }: Expression): readonly string[] {
  return [...reads];
}

interface Reads {
  readonly answerReads: ReadonlySet<string>;
  /** Filled while the driver compiles its templates. */
  readonly requestReads: Set<string>;
}

function compileOperation(
  plan: StepPlan,
  { driver, definition, known, params }: StepContext,
  { answerReads, requestReads }: Reads,
): PreparedOperation {
  const environment: TemplateEnvironment = {
    roots: requestRoots(known),
    constants: { params },
  };
  const noted = <Compiled extends { readonly reads: ReadonlySet<string> }>(compiled: Compiled) => {
    for (const path of compiled.reads) requestReads.add(path);
    return compiled;
  };
  const { resultFields } = definition.verbs[plan.verb]!;
  return driver.compile({
    verb: plan.verb,
    spec: plan.spec,
    timeoutMs: plan.timeoutMs,
    fieldsRead: new Set(Object.keys(resultFields).filter((field) => answerReads.has(field))),
    template: (text, context) => noted(compileTemplate(text, context, environment)),
    json: (value) => noted(compileJsonTemplate(value, environment)),
    value: (text) => noted(compileValue(text, environment)),
  });
}

/** `steps.embed.vector` needs `embed`; `steps` as a whole needs all before it. */
export function neededSteps(
  reads: readonly string[],
  before: readonly string[],
): readonly number[] {
  const paths = reads.map((path) => path.split('.')).filter(([root]) => root === 'steps');
  return before.flatMap((name, index) =>
    paths.some(([, step]) => step === undefined || step === name) ? [index] : [],
  );
}
