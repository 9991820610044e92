import { runPinned, type Cost } from '../machine/pinned.ts';
import { findProgram, versionOf } from './find-program.ts';
import { numberIn, optionalNumberIn } from './printed.ts';

/** What one run of pgbench printed, and what it cost. */
export interface PgbenchFigures {
  readonly transactions: number;
  readonly perSecond: number;
  /** Answered later than `-L`, and left out because they lagged by more than it. */
  readonly late: number;
  readonly skipped: number;
  /** Of transactions, from their scheduled start where there is a schedule. */
  readonly meanMs: number;
  readonly deviationMs: number | undefined;
  readonly cost: Cost;
}

export interface PgbenchServer {
  readonly port: number;
}

const CONNECTION = ['-h', '127.0.0.1', '-U', 'postgres'];

/** Throws where it is not installed. */
export function pgbenchProgram(): string {
  const program = findProgram('pgbench');
  if (program === undefined) throw new Error('pgbench is not there: apt-get install postgresql');
  return program;
}

export function pgbenchVersion(): string {
  return versionOf(pgbenchProgram(), '--version');
}

/** Makes and fills the tables of pgbench. */
export async function initialize({ port }: PgbenchServer, scale: number): Promise<void> {
  const flags = ['-i', '-q', '-s', String(scale)];
  const finished = await runPinned([pgbenchProgram(), ...flags, ...placeOf(port)]);
  if (finished.code !== 0) throw new Error(`pgbench -i ended with ${finished.code}`);
}

/** Runs pgbench on the client's core, with one thread. */
export async function runPgbench(
  { port }: PgbenchServer,
  flags: readonly string[],
): Promise<PgbenchFigures> {
  const command = [pgbenchProgram(), '-n', '-j', '1', ...flags, ...placeOf(port)];
  const { code, output, errors, ...cost } = await runPinned(command);
  if (code !== 0) throw new Error(`pgbench ended with ${code}: ${errors}`);
  return { ...parsePgbench(output), cost };
}

/** From what pgbench 15 writes to standard output. */
export function parsePgbench(output: string): Omit<PgbenchFigures, 'cost'> {
  return {
    transactions: numberIn(output, /number of transactions actually processed: (\d+)/),
    perSecond: numberIn(output, /^tps = ([\d.]+)/m),
    late: optionalNumberIn(output, /above the [\d.]+ ms latency limit: (\d+)/) ?? 0,
    skipped: optionalNumberIn(output, /number of transactions skipped: (\d+)/) ?? 0,
    meanMs: numberIn(output, /latency average = ([\d.]+) ms/),
    deviationMs: optionalNumberIn(output, /latency stddev = ([\d.]+) ms/) ?? undefined,
  };
}

function placeOf(port: number): readonly string[] {
  return [...CONNECTION, '-p', String(port), 'postgres'];
}
