import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../machine/pinned.ts';
import type { Measurement } from './measurement.ts';

const FOLDER = join(ROOT, 'bench/results');

/** The last measurement of that case on that kind of machine. */
export function lastKept(name: string, machineKind: string): Measurement | undefined {
  const file = fileOf(name, machineKind);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Measurement) : undefined;
}

/** Keeps a measurement in the place of the one before, which the repository's history has. */
export function keep(measurement: Measurement): string {
  const file = fileOf(measurement.case, measurement.machine.kind);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(measurement, undefined, 2)}\n`);
  return file;
}

function fileOf(name: string, machineKind: string): string {
  return join(FOLDER, machineKind, `${name}.json`);
}
