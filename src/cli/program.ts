import { Command, CommanderError, Option } from 'commander';
import { EXIT_CODES, type ExitCode } from '../base/errors/exit-codes.ts';
import { DRIVER_COMMANDS, type DriverName } from '../drivers/registry.ts';
import type { CommandIo } from './command-io.ts';
import type { ReportOptions } from './commands/report.ts';
import type { MergeOptions } from './commands/merge.ts';
import type { NewOptions } from './commands/new.ts';
import type { AuditOptions, ScenarioOptions } from './commands/run-options.ts';
import { addDataset } from './dataset-program.ts';
import { loadgenVersion } from './version.ts';
import { wholeNumber } from './whole-number.ts';

/**
 * Reads the command line and runs what it names. Commands are imported when they run, so that
 * `--help` loads nothing of them.
 */
export async function runProgram(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODES.ok;
  const program = buildProgram(io, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // commander has printed what it has to say; help and version are no errors.
    return thrown.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.configuration;
  }
  return code;
}

type End = (code: ExitCode) => void;

function buildProgram(io: CommandIo, end: End): Command {
  const program = new Command('loadgen')
    .description('A load generator that proves how far its own numbers can be trusted')
    .version(loadgenVersion(), '--version', 'print the version')
    .option('--debug', 'print the stack of an error')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .showHelpAfterError('See `loadgen --help`.')
    .configureOutput({ writeOut: io.write, writeErr: io.writeError });
  addRun(program, io, end);
  addValidate(program, io, end);
  addPlan(program, io, end);
  addPreparation(program, io, end);
  addReport(program, io, end);
  addMerge(program, io, end);
  addNew(program, io, end);
  addCalibrate(program, io, end);
  addAudit(program, io, end);
  addDrivers(program, io, end);
  addDriverCommands(program, io, end);
  addDataset(program, io, end);
  return program;
}

function addRun(program: Command, io: CommandIo, end: End): void {
  withScenarioOptions(program.command('run'))
    .description('run a scenario and write a result folder')
    .argument('<file>', 'the scenario')
    .option(
      '--workers <n>',
      'worker threads (default: one a core less one)',
      wholeNumber('run', '--workers', 1),
    )
    .option('--shard <i/n>', 'carry a part of the plan: this shard of so many, counted from 1')
    .option('--start-at <time>', 'when the load starts: an ISO time, or +30s from now')
    .option('--baseline <dir>', 'hold it against an earlier, good run of the same plan')
    .option('--max-regression <share>', 'how much worse than the baseline it may be (10%)')
    .option('--samples', 'keep a raw log of all operations (88 bytes each)')
    .option('--results <dir>', 'folder for results', 'results')
    .option('--quiet', 'no live view and no summary')
    .action(async (file: string, given: GivenOptions) => {
      const { runCommand } = await import('./commands/run.ts');
      end(
        await runCommand(
          {
            ...scenarioOptions(given),
            file,
            ...(given.workers !== undefined && { workers: given.workers }),
            ...(given.results !== undefined && { results: given.results }),
            ...(given.baseline !== undefined && { baseline: given.baseline }),
            ...(given.maxRegression !== undefined && { maxRegression: given.maxRegression }),
            ...(given.shard !== undefined && { shard: given.shard }),
            ...(given.startAt !== undefined && { startAt: given.startAt }),
            keepSamples: given.samples === true,
            quiet: given.quiet === true,
            debug: program.opts<{ debug?: boolean }>().debug === true,
          },
          io,
        ),
      );
    });
}

function addValidate(program: Command, io: CommandIo, end: End): void {
  withScenarioOptions(program.command('validate'))
    .description('check scenarios and report all their problems at once')
    .argument('<file...>', 'the scenarios')
    .action(async (files: string[], given: GivenOptions) => {
      const { validateCommand } = await import('./commands/validate.ts');
      end(await validateCommand(files, scenarioOptions(given), io));
    });
}

function addPlan(program: Command, io: CommandIo, end: End): void {
  withScenarioOptions(program.command('plan'))
    .description('show what a run would do: trials, arrivals, connections, memory, series')
    .argument('<file>', 'the scenario')
    .action(async (file: string, given: GivenOptions) => {
      const { planCommand } = await import('./commands/plan.ts');
      end(await planCommand(file, scenarioOptions(given), io));
    });
}

function addPreparation(program: Command, io: CommandIo, end: End): void {
  const commands = [
    ['prepare', 'run the prepare steps of a scenario alone, as before runs of shards'],
    ['cleanup', 'run the cleanUp steps of a scenario alone'],
  ] as const;
  for (const [phase, description] of commands) {
    withScenarioOptions(program.command(phase))
      .description(description)
      .argument('<file>', 'the scenario')
      .option('--workers <n>', 'worker threads', wholeNumber(phase, '--workers', 1))
      .option('--quiet', 'say nothing on the way')
      .action(async (file: string, given: GivenOptions) => {
        const { prepareCommand } = await import('./commands/prepare.ts');
        const { quiet = false, workers } = given;
        const more = { quiet, ...(workers !== undefined && { workers }) };
        end(await prepareCommand(phase, { ...scenarioOptions(given), file, ...more }, io));
      });
  }
}

function addReport(program: Command, io: CommandIo, end: End): void {
  program
    .command('report')
    .description('write a report of a result folder')
    .argument('<dir>', 'the folder of a run or of one of its trials')
    .option('--format <name>', 'text, json, junit, markdown or csv', 'text')
    .option('--output <file>', 'write to a file instead of standard output')
    .option('--baseline <dir>', 'hold it against an earlier, good run of the same plan')
    .option('--max-regression <share>', 'how much worse than the baseline it may be (10%)')
    .action(async (folder: string, given: ReportOptions) => {
      const { reportCommand } = await import('./commands/report.ts');
      end(await reportCommand(folder, given, io));
    });
}

function addMerge(program: Command, io: CommandIo, end: End): void {
  program
    .command('merge')
    .description('make one result of the shards of a run')
    .argument('<dir...>', 'the result folders of the shards, in any order')
    .option('--output <dir>', 'the folder to make (default: a new one among the results)')
    .option('--results <dir>', 'folder for results', 'results')
    .option('--json', 'print one JSON object')
    .action(async (folders: string[], given: MergeOptions) => {
      const { mergeCommand } = await import('./commands/merge.ts');
      end(await mergeCommand(folders, given, io));
    });
}

function addNew(program: Command, io: CommandIo, end: End): void {
  program
    .command('new')
    .description('write a scenario: a first one, or one of what you have')
    .argument('[source]', 'a curl command in quotes, or a file; - for standard input')
    .option('--from <format>', 'what the source is: curl, har or openapi')
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .addOption(
      repeatable('--host <name>', 'of a HAR file only requests to this host; repeatable', listed),
    )
    .addOption(repeatable('--path <prefix>', 'only paths that begin like this; repeatable', listed))
    .action(async (source: string | undefined, given: NewOptions) => {
      const { newCommand } = await import('./commands/new.ts');
      end(await newCommand(source, given, io));
    });
}

function addCalibrate(program: Command, io: CommandIo, end: End): void {
  withScenarioOptions(program.command('calibrate'))
    .description('measure what one worker of this machine can send of a scenario’s requests')
    .argument('<file>', 'the scenario')
    .option('--level <duration>', 'how long each level of load is held', '2s')
    .option('--quiet', 'say nothing on the way')
    .action(async (file: string, given: GivenOptions & { readonly level: string }) => {
      const { calibrateCommand } = await import('./commands/calibrate.ts');
      const { level, quiet = false } = given;
      end(await calibrateCommand({ ...scenarioOptions(given), file, level, quiet }, io));
    });
}

function addAudit(program: Command, io: CommandIo, end: End): void {
  withScenarioOptions(program.command('audit'))
    .description('run a scenario against a server with a log of its own, and compare the two')
    .argument('<file>', 'the scenario')
    .option('--service <law>', 'how long it serves: 5ms, exponential:5ms, bimodal:…', '5ms')
    .option('--slots <n>', 'requests it serves at once', wholeNumber('audit', '--slots', 1))
    .option('--freeze <duration/period>', 'how it stands still: 500ms/2500ms')
    .option('--fail-every <n:how>', 'what fails: 100:503, 100:reset, 100:close')
    .option('--max-lag <duration>', 'limit: arrivals behind the plan, p99', '5ms')
    .option('--max-receive <duration>', 'limit: answers stamped after they left, p99', '2ms')
    .option('--workers <n>', 'worker threads', wholeNumber('audit', '--workers', 1))
    .option('--results <dir>', 'folder for results', 'results')
    .option('--quiet', 'no live view and no summary')
    .action(async (file: string, given: GivenOptions & GivenAudit) => {
      const { auditCommand } = await import('./commands/audit.ts');
      const { quiet = false, ...options } = given;
      const debug = program.opts<{ debug?: boolean }>().debug === true;
      end(await auditCommand({ ...options, ...scenarioOptions(given), file, quiet, debug }, io));
    });
}

function addDrivers(program: Command, io: CommandIo, end: End): void {
  program
    .command('drivers')
    .description('list the drivers, or describe one')
    .argument('[name]', 'a driver')
    .option('--json', 'print JSON')
    .action(async (name: string | undefined, given: { json?: boolean }) => {
      const { driversCommand } = await import('./commands/drivers.ts');
      end(await driversCommand(name, { json: given.json === true }, io));
    });
}

/** Those that drivers bring, such as `loadgen grpc list ADDRESS`. */
function addDriverCommands(program: Command, io: CommandIo, end: End): void {
  for (const [driver, rows] of Object.entries(DRIVER_COMMANDS)) {
    const group = program.command(driver).description(`commands of the ${driver} driver`);
    for (const { name, arguments: others = '', summary } of rows) {
      group
        .command(`${name} <address> ${others}`.trim())
        .description(summary)
        .addOption(repeatable('--set <key=value>', 'a key of the target; repeatable', listed))
        .action(async (address: string, ...rest: unknown[]) => {
          const { driverCommand } = await import('./commands/driver-command.ts');
          const names = rest.filter((given) => typeof given === 'string');
          const { set } = rest.find((given) => typeof given === 'object' && given !== null) as {
            set: string[];
          };
          const request = { driver: driver as DriverName, name, address, names, set };
          end(await driverCommand(request, io));
        });
    }
  }
}

/** What commander makes of the options of a command that takes a scenario. */
interface GivenOptions {
  readonly profile: string[];
  readonly set: string[];
  readonly target: string[];
  readonly seed?: number;
  readonly json?: boolean;
  readonly workers?: number;
  readonly results?: string;
  readonly baseline?: string;
  readonly maxRegression?: string;
  readonly shard?: string;
  readonly startAt?: string;
  readonly samples?: boolean;
  readonly quiet?: boolean;
}

type GivenAudit = Pick<AuditOptions, 'service' | 'maxLag' | 'maxReceive'> & {
  readonly slots?: number;
  readonly freeze?: string;
  readonly failEvery?: string;
};

function withScenarioOptions(command: Command): Command {
  const commas = (value: string, before: string[]) => [...before, ...value.split(',')];
  return command
    .addOption(repeatable('--profile <names>', 'profiles to lay over it, in order', commas))
    .addOption(repeatable('--set <path=value>', 'change one value; repeatable', listed))
    .addOption(repeatable('--target <name=url>', 'the address of a target; repeatable', listed))
    .option('--seed <n>', 'seed of plan, data and ids', wholeNumber(command.name(), '--seed', 0))
    .option('--json', 'print one JSON object');
}

function listed(value: string, before: string[]): string[] {
  return [...before, value];
}

function repeatable(
  flags: string,
  description: string,
  parse: (value: string, before: string[]) => string[],
): Option {
  return new Option(flags, description).argParser(parse).default([], 'none');
}

function scenarioOptions(given: GivenOptions): ScenarioOptions {
  return {
    profiles: given.profile.map((name) => name.trim()).filter((name) => name !== ''),
    set: given.set,
    targets: given.target,
    ...(given.seed !== undefined && { seed: given.seed }),
    json: given.json === true,
  };
}
