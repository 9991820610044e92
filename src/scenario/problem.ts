/** Something that is wrong with a scenario, where it is, and what would be right. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units, as editors count. */
  readonly column: number;
  /** Dotted; list items by their name where they have one: `steps.embed.request.path`. */
  readonly path: string;
  /** What was found and what was expected. */
  readonly message: string;
  /** What to do, or the nearest known name. */
  readonly hint?: string;
  /** The override that brought the value in: `--set load.vus=x`, `profile smoke`. */
  readonly override?: string;
}

/** By position; two problems at one place stay in the order in which they were found. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  return [...unique.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** As compilers print it, so that editors and terminals make the place a link. */
export function formatProblem(problem: Problem): string {
  const severity = problem.severity === 'warning' ? 'warning: ' : '';
  const path = problem.path === '' ? '' : `${problem.path}: `;
  const override = problem.override === undefined ? '' : ` (set by ${problem.override})`;
  const hint = problem.hint === undefined ? '' : `\n    ${problem.hint}`;
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  return `${place}: ${severity}${path}${problem.message}${override}${hint}`;
}

/** "1 problem", "10 problems", "no problems". */
export function countProblems(count: number): string {
  if (count === 0) return 'no problems';
  return count === 1 ? '1 problem' : `${count} problems`;
}
