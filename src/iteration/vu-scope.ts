import type { Scope } from '../base/expressions/template.ts';
import type { Feeder } from '../data/feeder.ts';
import type { Session } from '../drivers/driver.ts';

const RESULT = Symbol('result');

/** What a VU's expressions read: one object a VU, whose values change with each iteration. */
export interface VuScope extends Scope {
  /** The last answer; its fields are read through it when an expression asks for them. */
  [RESULT]: Session['result'];
  readonly vu: { readonly id: number };
  readonly iteration: { id: number; uuid: string };
  readonly steps: Record<string, Record<string, unknown>>;
}

export interface ScopeShape {
  readonly params: Readonly<Record<string, unknown>>;
  readonly feeders: readonly string[];
  /** Names of extracted values by step. */
  readonly extracts: Readonly<Record<string, readonly string[]>>;
  /** Fields of the answers of all verbs of the flow. */
  readonly resultFields: Iterable<string>;
}

const NO_ANSWER: Session['result'] = Object.freeze({});

/** Makes the scopes of the VUs of a flow: all of one shape, so that reading them stays fast. */
export function scopeFactory(shape: ScopeShape): (vuId: number) => VuScope {
  const prototype = Object.create(null) as object;
  for (const field of shape.resultFields) {
    Object.defineProperty(prototype, field, {
      get(this: VuScope) {
        return this[RESULT][field];
      },
    });
  }
  return (vuId) => {
    const scope = Object.create(prototype) as VuScope;
    const steps = Object.entries(shape.extracts).map(([step, names]) => [
      step,
      Object.fromEntries(names.map((name) => [name, undefined])),
    ]);
    return Object.assign(scope, {
      params: shape.params,
      ...Object.fromEntries(shape.feeders.map((name) => [name, undefined])),
      steps: Object.fromEntries(steps) as VuScope['steps'],
      vu: { id: vuId },
      iteration: { id: 0, uuid: '' },
      [RESULT]: NO_ANSWER,
    });
  };
}

/** With the rows that the VU keeps for its life. VUs count from 1, rows from 0. */
export function withHeldRows(scope: VuScope, feeders: readonly Feeder[]): VuScope {
  for (const feeder of feeders) scope[feeder.name] = feeder.row(scope.vu.id - 1);
  return scope;
}

/** Lets expressions read the answer that `session` has. */
export function showAnswer(scope: VuScope, session: Session): void {
  scope[RESULT] = session.result;
}
