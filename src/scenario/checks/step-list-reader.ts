import { z } from 'zod';
import {
  BUILT_IN_VERBS,
  builtInKeys,
  MAX_NESTED_STEPS,
  thinkStepSchema,
  type BuiltInVerb,
} from '../../iteration/built-in-steps.ts';
import type { Choice, ProgramNode } from '../../iteration/program.ts';
import { stepKeys } from '../../iteration/step-schema.ts';
import type { TakenTime } from '../../iteration/taken-time.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';
import type { StepsContext } from './resolve-steps.ts';

export interface StepListParts {
  readonly context: StepsContext;
  /** Reads the operation at a path, and returns its index among those of the flow. */
  readOperation(path: Path): number;
  checkCondition(text: string, path: Path): void;
  checkTakenTime(time: TakenTime, path: Path): void;
  /** Of a step that needs no target, which has one for overrides only. */
  checkName(path: Path): void;
}

/** Where the items of a list stand. */
export function itemPaths(tree: TrialTree, path: Path): Path[] {
  return Array.from({ length: tree.length(path) }, (_, index) => [...path, index]);
}

const VERBS = Object.keys(BUILT_IN_VERBS) as BuiltInVerb[];

/** Reads lists of steps, those inside of groups and choices included. */
export class StepListReader {
  readonly #tree: TrialTree;
  readonly #parts: StepListParts;
  #operations = 0;
  /** Of the step that is read next, among all of the list and within it. */
  #position = 0;

  constructor(tree: TrialTree, parts: StepListParts) {
    this.#tree = tree;
    this.#parts = parts;
  }

  read(steps: readonly Path[]): ProgramNode[] {
    return steps.flatMap((step) => {
      this.#refuseWeight(step);
      const node = this.#node(step);
      return node === undefined ? [] : [node];
    });
  }

  #node(path: Path): ProgramNode | undefined {
    const position = this.#position++;
    const verb = this.#builtInVerb(path);
    if (verb === undefined) return this.#operation(path);
    if (path.length > 2 * MAX_NESTED_STEPS + 2) {
      const message = `steps stand in each other at most ${MAX_NESTED_STEPS} deep`;
      this.#tree.add({ path, message });
      return undefined;
    }
    const before = this.#operations;
    this.#parts.checkName(path);
    const condition = this.#condition(path);
    if (verb === 'think') return this.#think(path, position, condition);
    this.#tree.parse(z.strictObject(builtInKeys), path, [verb]);
    const below = [...path, verb];
    if (this.#tree.length(below) === 0) {
      this.#tree.add({ path: below, message: 'expected a list of steps' });
    }
    if (verb === 'group') {
      return {
        kind: 'group',
        nodes: this.read(itemPaths(this.#tree, below)),
        before,
        ...condition,
      };
    }
    const choices = itemPaths(this.#tree, below).flatMap((child) => this.#choice(child));
    return { kind: 'oneOf', position, choices, before, ...condition };
  }

  #operation(path: Path): ProgramNode {
    const when = this.#tree.peek(stepKeys.when, [...path, 'when']);
    const step = this.#parts.readOperation(path);
    this.#operations = step + 1;
    return { kind: 'operation', step, ...(when !== undefined && { when }) };
  }

  #think(
    path: Path,
    position: number,
    condition: { readonly when?: string },
  ): ProgramNode | undefined {
    const known = Object.keys(thinkStepSchema.shape);
    const others = this.#tree.keys(path).filter((key) => !known.includes(key));
    for (const key of others) {
      const message = 'a step that thinks does nothing else, and takes a name and `when` at most';
      this.#tree.add({ path: [...path, key], atKey: true, message });
    }
    const parsed = this.#tree.parse(thinkStepSchema, path, others);
    if (parsed === undefined) return undefined;
    const time = parsed.think;
    if (time.kind === 'from') this.#parts.checkTakenTime(time, path);
    return { kind: 'think', position, time, ...condition };
  }

  #choice(path: Path): Choice[] {
    const weight = this.#tree.peek(stepKeys.weight, [...path, 'weight']) ?? 1;
    const node = this.#node(path);
    return node === undefined ? [] : [{ weight, node }];
  }

  #refuseWeight(path: Path): void {
    if (!this.#tree.has([...path, 'weight'])) return;
    const message = 'means something in the list of a `oneOf` only';
    this.#tree.add({ path: [...path, 'weight'], atKey: true, message });
  }

  /** The verb of a step that needs no target; a verb of a driver beside it is reported there. */
  #builtInVerb(path: Path): BuiltInVerb | undefined {
    return VERBS.find((verb) => this.#tree.has([...path, verb]));
  }

  #condition(path: Path): { readonly when?: string } {
    const when = this.#tree.peek(stepKeys.when, [...path, 'when']);
    if (when === undefined) return {};
    this.#parts.checkCondition(when, path);
    return { when };
  }
}
