import { EXIT_CODES, type ExitCode, worstExitCode } from '../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { countProblems, formatProblem } from '../../scenario/problem.ts';
import { checkScenario, type ScenarioReading } from '../../scenario/resolve-scenario.ts';
import type { ResolvedScenario } from '../../scenario/resolved.ts';
import type { CommandIo } from '../command-io.ts';
import { errorText } from '../error-text.ts';
import { printableLines } from '../../reports/format/printable.ts';
import { scenarioRequest } from '../scenario-request.ts';
import type { ScenarioOptions } from './run-options.ts';

/** `loadgen validate FILE...`: everything that is wrong with scenarios, and what is in good ones. */
export async function validateCommand(
  files: readonly string[],
  options: ScenarioOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  const readings: object[] = [];
  for (const file of files) {
    const reading = await read(file, options, io);
    codes.push(reading.scenario === undefined ? EXIT_CODES.configuration : EXIT_CODES.ok);
    if (options.json) readings.push(asJson(file, reading));
    else show(file, reading, io);
  }
  const code = worstExitCode(codes);
  if (options.json) {
    io.write(`${JSON.stringify({ ok: code === EXIT_CODES.ok, files: readings }, null, 2)}\n`);
  }
  return code;
}

type FileReading = ScenarioReading & { readonly unreadable?: LoadgenError };

/** A file that cannot be read does not keep the others from being checked. */
async function read(file: string, options: ScenarioOptions, io: CommandIo): Promise<FileReading> {
  try {
    return await checkScenario(scenarioRequest(file, options, io));
  } catch (thrown) {
    const error = LoadgenError.from(thrown);
    if (error.code !== 'SCENARIO_NOT_FOUND') throw error;
    return { scenario: undefined, problems: [], unreadable: error };
  }
}

function show(file: string, reading: FileReading, io: CommandIo): void {
  const { scenario, problems, unreadable } = reading;
  if (unreadable !== undefined) return io.writeError(errorText(unreadable, { debug: false }));
  const listed = problems.map((problem) => `${printableLines(formatProblem(problem))}\n`).join('');
  if (scenario !== undefined) {
    io.writeError(listed);
    io.write(printableLines(`${file}: ok: ${found(scenario)}\n`));
    return;
  }
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  io.writeError(`${listed}${printableLines(file)}: ${countProblems(errors)}\n`);
}

/** "2 trials, flow main (1 step), targets embeddings (http), feeders texts, 1 threshold". */
function found({ trials }: ResolvedScenario): string {
  const [trial] = trials;
  if (trial === undefined) return 'no trials';
  const flows = trial.flows.map(({ name, steps }) => `${name} (${plural(steps.length, 'step')})`);
  const targets = Object.values(trial.targets).map(({ name, driver }) => `${name} (${driver})`);
  const feeders = Object.keys(trial.data);
  return [
    plural(trials.length, 'trial'),
    `flow ${flows.join(', ')}`,
    `${targets.length === 1 ? 'target' : 'targets'} ${targets.join(', ')}`,
    ...(feeders.length === 0 ? [] : [`data ${feeders.join(', ')}`]),
    plural(trial.thresholds.length, 'threshold'),
  ].join(', ');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function asJson(file: string, { scenario, problems, unreadable }: FileReading): object {
  const [trial] = scenario?.trials ?? [];
  return {
    file,
    ok: scenario !== undefined,
    problems,
    ...(unreadable && { error: unreadable.message }),
    ...(trial && {
      name: scenario!.name,
      trials: scenario!.trials.length,
      targets: Object.values(trial.targets).map(({ name, driver }) => ({ name, driver })),
      flows: trial.flows.map(({ name, steps }) => ({ name, steps: steps.map((s) => s.name) })),
      data: Object.keys(trial.data),
      thresholds: trial.thresholds.map(({ text }) => text),
    }),
  };
}
