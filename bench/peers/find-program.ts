import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where `bench/install-peers.sh` puts what the machine does not have. */
const CACHE = join(homedir(), '.cache/loadgen');
const OWN_FOLDERS = ['go', 'cargo/bin', 'bench/node_modules/.bin', 'bin'].map((folder) =>
  join(CACHE, folder),
);

/** The program of that name on the path, or among the installed peers. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...OWN_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** The first line with a digit that the program prints when asked so. */
export function versionOf(program: string, ...args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  const line = `${stdout}\n${stderr}`.split('\n').find((text) => /\d/.test(text));
  return line?.trim().slice(0, MOST_CHARACTERS) ?? 'unknown';
}

const MOST_CHARACTERS = 60;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
