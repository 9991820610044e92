import { compileTemplate } from '../base/expressions/compile-template.ts';
import { compileExpression } from '../base/expressions/expression.ts';
import { ExpressionError } from '../base/expressions/expression-error.ts';
import { hasPlaceholder } from '../base/expressions/placeholders.ts';
import type { Shape } from '../base/expressions/roots.ts';
import type { ProgramNode } from './program.ts';
import { answerRoots, requestRoots, type StepKnowledge } from './step-roots.ts';
import type { StepPlan } from './step-schema.ts';
import { wrongTimeType, type TakenTime } from './taken-time.ts';

export interface StepProblem {
  /** From the step: `['expect', 0]`, `['request', 'json', 'texts', 0]`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Where in the text it goes wrong, in characters from 0, where that is known. */
  readonly offset?: number;
}

export type StepExpressions = Pick<
  StepPlan,
  'verb' | 'spec' | 'expect' | 'extract' | 'items' | 'record' | 'dataTags' | 'score'
> & { readonly when?: string; readonly poll?: { readonly until: string } };

/** All that is wrong with the expressions of a step: syntax, types, and names nobody knows. */
export function checkStepExpressions(step: StepExpressions, known: StepKnowledge): StepProblem[] {
  const roots = answerRoots(known);
  const check = (text: string, path: StepProblem['path'], types: readonly string[]) =>
    checkExpression(text, { path, roots, types });
  return [
    ...step.expect.flatMap((text, index) => check(text, ['expect', index], ['bool'])),
    ...Object.entries(step.extract).flatMap(([name, text]) => check(text, ['extract', name], [])),
    ...(step.items === undefined ? [] : check(step.items, ['items'], ['int', 'double'])),
    ...(step.poll === undefined ? [] : check(step.poll.until, ['poll', 'until'], ['bool'])),
    ...(step.record ?? []).flatMap(({ name, value }) =>
      check(value, ['record', name, 'value'], ['int', 'double']),
    ),
    ...(step.score ?? []).flatMap(({ scorer, reference }) =>
      check(reference, ['score', scorer], []),
    ),
    ...(step.dataTags ?? []).flatMap(({ name, value }) =>
      checkBefore(value, ['tags', name, 'value'], { known, types: [] }),
    ),
    ...(step.when === undefined ? [] : checkCondition(step.when, known)),
    ...checkTemplates(step.spec, [step.verb], known),
  ];
}

/** All that a step reads, as dotted paths, as far as its expressions are right. */
export function stepReads(step: StepExpressions): ReadonlySet<string> {
  const roots = 'any';
  const texts = [
    ...step.expect,
    ...Object.values(step.extract),
    ...[step.items, step.when, step.poll?.until].filter((text) => text !== undefined),
    ...(step.record ?? []).map(({ value }) => value),
    ...(step.score ?? []).map(({ reference }) => reference),
    ...(step.dataTags ?? []).map(({ value }) => value),
  ];
  const reads = new Set<string>();
  const collectReads = (compile: () => { readonly reads: ReadonlySet<string> }) =>
    collect([], () => {
      for (const path of compile().reads) reads.add(path);
    });
  for (const text of texts) collectReads(() => compileExpression(text, { roots }));
  for (const text of templatesIn(step.spec)) {
    collectReads(() => compileTemplate(text, 'text', { roots }));
  }
  return reads;
}

/** All that the steps of a flow read, with conditions of groups and choices, and think times. */
export function flowReads(flow: {
  readonly steps: readonly StepExpressions[];
  readonly program?: readonly ProgramNode[];
}): ReadonlySet<string> {
  const others = (flow.program ?? []).flatMap(expressionsOf);
  const readers = [...flow.steps, ...others.map((when) => ({ ...NOTHING, when }))];
  return new Set(readers.flatMap((reader) => [...stepReads(reader)]));
}

/** What of `names` a set of dotted paths begins with. */
export function rootsAmong(reads: ReadonlySet<string>, names: readonly string[]): string[] {
  const roots = new Set([...reads].map((path) => path.split('.')[0]!));
  return names.filter((name) => roots.has(name));
}

const NOTHING = { verb: '', spec: undefined, expect: [], extract: {} };

function expressionsOf(node: ProgramNode): string[] {
  const own = node.when === undefined ? [] : [node.when];
  if (node.kind === 'think' && node.time.kind === 'from') return [...own, node.time.from];
  if (node.kind === 'group') return [...own, ...node.nodes.flatMap(expressionsOf)];
  if (node.kind !== 'oneOf') return own;
  return [...own, ...node.choices.flatMap((choice) => expressionsOf(choice.node))];
}

function templatesIn(value: unknown): string[] {
  if (typeof value === 'string') return hasPlaceholder(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(templatesIn);
}

/** `when` of a step, also of one that is no operation. */
export function checkCondition(text: string, known: StepKnowledge): StepProblem[] {
  return checkBefore(text, ['when'], { known, types: ['bool'] });
}

/** A think time that is taken from data or answers. */
export function checkTakenTime(time: TakenTime, known: StepKnowledge): StepProblem[] {
  const path = ['think', 'from'];
  const text = time.from;
  const problems = checkBefore(text, path, { known, types: [] });
  if (problems.length > 0) return problems;
  const { type } = compileExpression(text, { roots: requestRoots(known) });
  const message = wrongTimeType(type, time);
  return message === undefined ? [] : [{ path, message }];
}

/** An expression that is evaluated before the request. */
function checkBefore(
  text: string,
  path: StepProblem['path'],
  { known, types }: { readonly known: StepKnowledge; readonly types: readonly string[] },
): StepProblem[] {
  return checkExpression(text, { path, roots: requestRoots(known), types });
}

interface ExpressionPlace {
  readonly path: StepProblem['path'];
  readonly roots: Shape;
  /** What its static type may be, beside `dyn`; empty for any. */
  readonly types: readonly string[];
}

function checkExpression(text: string, { path, roots, types }: ExpressionPlace): StepProblem[] {
  return collect(path, () => {
    if (hasPlaceholder(text)) {
      throw new ExpressionError('an expression stands here without {{ }}', { text, offset: 0 });
    }
    const { type } = compileExpression(text, { roots });
    if (types.length === 0 || type === 'dyn' || types.includes(type)) return;
    throw new ExpressionError(`it gives ${type}; expected ${types.join(' or ')}`, { text });
  });
}

function checkTemplates(
  value: unknown,
  path: StepProblem['path'],
  known: StepKnowledge,
): StepProblem[] {
  if (typeof value === 'string') {
    return hasPlaceholder(value) ? checkTemplate(value, path, known) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return members.flatMap(([key, member]) => checkTemplates(member, [...path, key], known));
}

function checkTemplate(
  text: string,
  path: StepProblem['path'],
  known: StepKnowledge,
): StepProblem[] {
  const problems = collect(path, () => {
    compileTemplate(text, 'text', { roots: requestRoots(known) });
  });
  if (problems.length === 0) return [];
  // Whoever names a field of the answer in a request should hear why it is not known there.
  const withAnswer = collect(path, () => {
    compileTemplate(text, 'text', { roots: answerRoots(known) });
  });
  if (withAnswer.length > 0) return problems;
  const message = `${problems[0]!.message.split(';')[0]}: a request is made before its answer is there`;
  return [{ ...problems[0]!, message }];
}

function collect(path: StepProblem['path'], compile: () => void): StepProblem[] {
  try {
    compile();
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { message, offset } = error;
    return [{ path, message, ...(offset !== undefined && { offset }) }];
  }
}
