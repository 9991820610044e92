import type { Command } from 'commander';
import type { ExitCode } from '../base/errors/exit-codes.ts';
import type { DatasetPlace } from '../data/dataset.ts';
import type { CommandIo } from './command-io.ts';
import { wholeNumber } from './whole-number.ts';

/** The commands for data sets, outside of any scenario. */
export function addDataset(program: Command, io: CommandIo, end: (code: ExitCode) => void): void {
  const dataset = program
    .command('dataset')
    .description('look at data sets, and make others of them');
  addInspect(dataset, io, end);
  addConvert(dataset, io, end);
  addGroundTruth(dataset, io, end);
}

interface GivenPlace {
  readonly format?: string;
  readonly table?: string;
  readonly rows?: number;
  readonly skip?: number;
}

function addInspect(dataset: Command, io: CommandIo, end: (code: ExitCode) => void): void {
  dataset
    .command('inspect')
    .description('say what a data set holds: tables, rows, fields, what its vectors are like')
    .argument('<file>', 'a file, or the folder of a data set')
    .option('--format <name>', 'how it is read (default: as its name ends)')
    .option('--table <name>', 'which table of several (default: train)')
    .option('--json', 'print one JSON object')
    .action(async (file: string, given: GivenPlace & { json?: boolean }) => {
      const { inspectCommand } = await import('./commands/dataset/inspect.ts');
      end(await inspectCommand(placeOf(file, given), { json: given.json === true }, io));
    });
}

function addConvert(dataset: Command, io: CommandIo, end: (code: ExitCode) => void): void {
  dataset
    .command('convert')
    .description('write the vectors of a data set in another format')
    .argument('<file>', 'a file, or the folder of a data set')
    .argument(
      '<target>',
      'the file to write: .fvecs, .ivecs, .bvecs, .fbin, .u8bin, .i8bin, .ibin or .npy',
    )
    .option('--format <name>', 'how the first is read (default: as its name ends)')
    .option('--table <name>', 'which table of several (default: train)')
    .option('--rows <n>', 'how many rows', wholeNumber('dataset convert', '--rows', 1))
    .option('--skip <n>', 'rows to leave out first', wholeNumber('dataset convert', '--skip', 0))
    .option('--to <name>', 'the format to write (default: as the target ends)')
    .option('--json', 'print one JSON object')
    .option('--quiet', 'say nothing on the way')
    .action(async (file: string, target: string, given: GivenConvert) => {
      const { convertCommand } = await import('./commands/dataset/convert.ts');
      const { to: format, json = false, quiet = false } = given;
      end(await convertCommand(placeOf(file, given), { to: target, format, json, quiet }, io));
    });
}

interface GivenConvert extends GivenPlace {
  readonly to?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

function addGroundTruth(dataset: Command, io: CommandIo, end: (code: ExitCode) => void): void {
  const command = 'dataset ground-truth';
  dataset
    .command('ground-truth')
    .description('find the exact nearest rows of each query, on all cores')
    .argument('<base>', 'the data set whose rows are searched')
    .argument('<queries>', 'the data set of the queries; it may be the same file')
    .requiredOption('--metric <name>', 'l2, cosine, ip or hamming')
    .requiredOption('--output <file>', 'what to write: .ivecs, or else as big-ann-benchmarks do')
    .option('--k <n>', 'how many for each query', wholeNumber(command, '--k', 1), 100)
    .option('--filter <cel>', 'which rows count, such as row.id >= 5000')
    .option('--base-format <name>', 'how the base is read (default: as its name ends)')
    .option('--base-table <name>', 'which table of the base (default: train)')
    .option('--base-rows <n>', 'how many rows of it', wholeNumber(command, '--base-rows', 1))
    .option('--format <name>', 'how the queries are read (default: as their name ends)')
    .option('--table <name>', 'which table of the queries (default: train)')
    .option('--rows <n>', 'how many queries', wholeNumber(command, '--rows', 1))
    .option('--threads <n>', 'threads (default: one a core)', wholeNumber(command, '--threads', 1))
    .option('--json', 'print one JSON object')
    .option('--quiet', 'say nothing on the way')
    .action(async (base: string, queries: string, given: GivenGroundTruth) => {
      const { groundTruthCommand } = await import('./commands/dataset/ground-truth.ts');
      const { baseFormat: format, baseTable: table, baseRows: rows, json, quiet, ...rest } = given;
      end(
        await groundTruthCommand(
          {
            ...rest,
            base: { file: base, format, table, rows },
            queries: placeOf(queries, given),
            json: json === true,
            quiet: quiet === true,
          },
          io,
        ),
      );
    });
}

interface GivenGroundTruth extends GivenPlace {
  readonly metric: string;
  readonly output: string;
  readonly k: number;
  readonly filter?: string;
  readonly threads?: number;
  readonly baseFormat?: string;
  readonly baseTable?: string;
  readonly baseRows?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

function placeOf(file: string, { format, table, rows, skip }: GivenPlace): DatasetPlace {
  return { file, format, table, rows, skip };
}
