import { z } from 'zod';
import { nameSchema as celNameSchema } from '../../base/expressions/name-schema.ts';

const LONGEST_NAME = 64;

/** Names of result folders that are not scenarios. */
const RESERVED_SCENARIOS = ['comparison'];
const SCENARIO_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** A name that the user gives: of a target, a param, a feeder, a profile. */
export const nameSchema: z.ZodType<string> = celNameSchema
  .refine((name) => name.length <= LONGEST_NAME, `at most ${LONGEST_NAME} characters`)
  .refine((name) => !(name in Object.prototype), 'this name cannot be used');

/** The scenario's own name: a folder is called so. */
export const scenarioNameSchema = z
  .string()
  .max(LONGEST_NAME)
  .regex(
    SCENARIO_NAME,
    'a name that can be a folder: letters, digits, _, - and ., starting with a letter or digit',
  )
  .refine((name) => !RESERVED_SCENARIOS.includes(name), 'this folder name is taken by loadgen');

/** What a file's name becomes when the scenario has no name of its own. */
export function nameOfFile(stem: string): string {
  const usable = stem.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[^A-Za-z0-9]+/, '');
  const cut = usable.slice(0, LONGEST_NAME);
  return scenarioNameSchema.safeParse(cut).success ? cut : 'scenario';
}
