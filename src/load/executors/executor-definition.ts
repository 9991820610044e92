import type { z } from 'zod';
import type { LoadModel } from './load-model.ts';

/** What is wrong with one key of a load, seen together with the others. */
export interface LoadProblem {
  readonly key: string;
  readonly reason: string;
  /** Nothing ends the load: no problem where another flow does. */
  readonly isMissingEnd?: true;
}

/**
 * One executor: what it is called, which keys it takes, and which loop they come down to. Its
 * `Load` is plain data with units in its names.
 */
export interface ExecutorDefinition<Keys extends z.ZodRawShape, Load extends { executor: string }> {
  readonly name: Load['executor'];
  readonly summary: string;
  readonly keys: Keys;
  /** Keys that end it: a warm-up has its own. */
  readonly ends: readonly (keyof Keys & string)[];
  /** The executor that a warm-up uses instead when it is given a duration that this one lacks. */
  readonly timed?: string;
  /** False for one that a warm-up cannot use. */
  readonly warmsUp?: boolean;
  /** Each key was found right on its own before. */
  problems(values: KeyValues<Keys>): readonly LoadProblem[];
  load(values: KeyValues<Keys>): Load;
  model(load: Load): LoadModel;
}

export type KeyValues<Keys extends z.ZodRawShape> = z.output<z.ZodObject<Keys>>;

/** A definition of which only the kind of its load is known. */
export type ErasedDefinition<Load extends { executor: string }> = Omit<
  ExecutorDefinition<z.ZodRawShape, Load>,
  'problems' | 'load'
> & {
  problems(values: Readonly<Record<string, unknown>>): readonly LoadProblem[];
  load(values: Readonly<Record<string, unknown>>): Load;
};

/** Infers the types of a definition. */
export function defineExecutor<Keys extends z.ZodRawShape, Load extends { executor: string }>(
  definition: ExecutorDefinition<Keys, Load>,
): ExecutorDefinition<Keys, Load> {
  return definition;
}
