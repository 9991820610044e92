import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  CALIBRATION_SCHEMA,
  calibrationsSchema,
  type Calibration,
  type CalibrationKey,
} from './schema/calibration.ts';
import { thisMachine } from './write/machine.ts';
import { writing } from './write/not-writable.ts';
import { writeJson } from './write/write-document.ts';

/** What was measured longer ago than so many others is forgotten. */
const MOST_ENTRIES = 200;

/** `$XDG_CACHE_HOME/loadgen/calibration.json`, else under `~/.cache`; undefined without a home. */
export function calibrationFile(
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { XDG_CACHE_HOME: cache, HOME: home } = environment;
  // The XDG specification has relative paths ignored.
  if (cache?.startsWith('/')) return join(cache, 'loadgen', 'calibration.json');
  return home ? join(home, '.cache', 'loadgen', 'calibration.json') : undefined;
}

/** The ceiling of requests of this shape on this machine, with this Node. */
export function calibrationKey(driver: string, shape: string): CalibrationKey {
  const { cpu, cores, architecture, platform } = thisMachine();
  return { driver, shape, node: process.versions.node, machine: { cpu, cores, architecture, platform } };
}

/** A file that is not there or cannot be read has no calibrations: no run may end for that. */
export function findCalibration(file: string, key: CalibrationKey): Calibration | undefined {
  return entriesOf(file).find((entry) => isDeepStrictEqual(entry.key, key));
}

/** Replaces what was there for the same key. Throws RESULTS_NOT_WRITABLE. */
export function saveCalibration(file: string, calibration: Calibration): void {
  const others = entriesOf(file).filter(({ key }) => !isDeepStrictEqual(key, calibration.key));
  writing(file, () => mkdirSync(dirname(file), { recursive: true }));
  const entries = [calibration, ...others].slice(0, MOST_ENTRIES);
  writeJson(file, { schema: CALIBRATION_SCHEMA, entries });
}

function entriesOf(file: string): readonly Calibration[] {
  try {
    return calibrationsSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).entries;
  } catch {
    return [];
  }
}
