import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { EXIT_CODES, type ExitCode } from '../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { loadDriver } from '../../drivers/registry.ts';
import type { Draft, HttpWords } from '../../importers/draft.ts';
import { FIRST_SCENARIO } from '../../importers/first-scenario.ts';
import { ImportRefused } from '../../importers/import-refused.ts';
import {
  IMPORT_FORMATS,
  importSource,
  isImportFormat,
  type ImportFormat,
} from '../../importers/registry.ts';
import { writeScenario } from '../../importers/write-scenario.ts';
import { describeKeys } from '../../scenario/schema/describe-keys.ts';
import type { CommandIo } from '../command-io.ts';
import { printableLines } from '../../reports/format/printable.ts';

export interface NewOptions {
  readonly from?: string;
  /** Standard output where it is not given. */
  readonly output?: string;
  readonly host: readonly string[];
  readonly path: readonly string[];
}

/** `loadgen new`: a scenario to start from, of a curl command, a HAR file, an OpenAPI document. */
export async function newCommand(
  source: string | undefined,
  options: NewOptions,
  io: CommandIo,
): Promise<ExitCode> {
  if (options.from === undefined) {
    if (source !== undefined) throw formatMissing(source);
    deliver(FIRST_SCENARIO, options, io);
    return EXIT_CODES.ok;
  }
  const format = formatOf(options.from);
  if (source === undefined) throw refused(format, 'nothing to read was given');
  const { draft, text } = await imported(format, source, options);
  deliver(text, options, io);
  for (const note of draft.notes) io.writeError(printableLines(`${note}\n`));
  for (const { name, meaning } of draft.variables) {
    io.writeError(printableLines(`Set ${name} before a run: ${meaning}\n`));
  }
  return EXIT_CODES.ok;
}

async function imported(
  format: ImportFormat,
  source: string,
  { host, path }: NewOptions,
): Promise<{ draft: Draft; text: string }> {
  const isText = format === 'curl' && /\s/.test(source.trim());
  const name = isText ? 'the curl command' : source === '-' ? 'standard input' : source;
  try {
    const { load, maxMebibytes } = importSource(format);
    const text = isText ? source : readSource(source, maxMebibytes);
    const importer = await load();
    const words = httpWords(await loadDriver('http'));
    const draft = importer({ text, words, only: { hosts: host, paths: path } });
    return { draft, text: writeScenario(draft) };
  } catch (thrown) {
    if (thrown instanceof ImportRefused) throw refused(name, thrown.message, thrown);
    // What recursion over a file's own values ends with.
    if (thrown instanceof RangeError) throw refused(name, 'it is nested too deeply', thrown);
    throw thrown;
  }
}

/** What may be written down is what the driver of this version takes. */
function httpWords({ schemes, targetOptions, verbs }: DriverDefinition): HttpWords {
  const namesOf = (schema: Parameters<typeof describeKeys>[0]): string[] =>
    describeKeys(schema).map(({ key }) => key);
  return {
    schemes,
    targetKeys: namesOf(targetOptions),
    requestKeys: namesOf(verbs['request']!.schema),
  };
}

function readSource(source: string, maxMebibytes: number): string {
  const path = source === '-' ? '/dev/stdin' : source;
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw new ImportRefused('it is a folder');
    if (stats.size > maxMebibytes * 2 ** 20) throw tooLarge(stats.size, maxMebibytes);
    const bytes = readFileSync(source === '-' ? 0 : path);
    if (bytes.length > maxMebibytes * 2 ** 20) throw tooLarge(bytes.length, maxMebibytes);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (thrown) {
    if (thrown instanceof ImportRefused) throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOENT') throw new ImportRefused('there is no such file', { cause: thrown });
    const why = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : code;
    throw new ImportRefused(`it cannot be read: ${why}`, { cause: thrown });
  }
}

function tooLarge(bytes: number, maxMebibytes: number): ImportRefused {
  const mebibytes = (bytes / 2 ** 20).toFixed(1);
  return new ImportRefused(`it has ${mebibytes} MiB, and ${maxMebibytes} MiB are read at most`);
}

function deliver(text: string, { output }: NewOptions, io: CommandIo): void {
  if (output === undefined) return io.write(text);
  try {
    writeFileSync(output, text, { flag: 'wx' });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'it is there already' : String(code);
    throw new LoadgenError('SCENARIO_NOT_WRITTEN', { file: output, reason }, { cause: thrown });
  }
  io.writeError(
    printableLines(`Written to ${output}; check it with: loadgen validate ${output}\n`),
  );
}

function formatOf(name: string): ImportFormat {
  if (isImportFormat(name)) return name;
  const expected = IMPORT_FORMATS.join(', ');
  throw new LoadgenError('OPTION_INVALID', {
    option: '--from',
    value: name,
    expected,
    command: 'new',
  });
}

function formatMissing(source: string): LoadgenError {
  return refused(source, `--from does not say what it is (${IMPORT_FORMATS.join(', ')})`);
}

function refused(source: string, reason: string, cause?: unknown): LoadgenError {
  return new LoadgenError('IMPORT_NOT_POSSIBLE', { source, reason }, { cause });
}
