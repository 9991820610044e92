import assert from 'node:assert/strict';
import type { Problem } from '../../src/scenario/problem.ts';
import { formatProblem } from '../../src/scenario/problem.ts';
import type { ScenarioReading } from '../../src/scenario/resolve-scenario.ts';
import type { Mutant } from './scenario-mutants.ts';

/** What no message to a user may hold: values of ours that leaked, and words of a library. */
const LEAKS =
  /\bundefined\b|\[object |\bNaN\b|\bat .*\.ts:|Invalid input|ZodError|TypeError|Infinity/;

/** Throws where the reading of a scenario with a mistake is not what a user should get. */
export function checkMutant(
  { text, isWrong, path, mistake }: Mutant,
  reading: ScenarioReading,
): void {
  const { scenario, problems } = reading;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const told = `${path.join('.')}: ${mistake}\n${text}\n`;
  assert.equal(scenario === undefined, errors.length > 0, `${told}a scenario or an error`);
  if (isWrong) assert.notEqual(errors.length, 0, `${told}it has to be a problem`);
  const lines = text.split('\n');
  for (const problem of problems) checkProblem(problem, { lines, told });
}

function checkProblem(
  problem: Problem,
  { lines, told }: { readonly lines: readonly string[]; readonly told: string },
): void {
  const shown = `${told}${formatProblem(problem).slice(0, 2000)}`;
  assert.ok(problem.line >= 1 && problem.line <= lines.length, shown);
  const length = lines[problem.line - 1]!.length;
  assert.ok(problem.column >= 1 && problem.column <= length + 1, shown);
  assert.ok(problem.message.length > 3 && problem.message.length < 1000, shown);
  assert.doesNotMatch(problem.message, LEAKS, shown);
  assert.doesNotMatch(problem.hint ?? '', LEAKS, shown);
  assert.doesNotMatch(problem.message, /\n/, shown);
}
