import { createHash } from 'node:crypto';

/** The folder of the comparison files, beside the folders of the scenarios. */
export const COMPARISON_FOLDER = 'comparison';

/** Enough for a sweep of several axes; file systems take 255 bytes. */
const LONGEST_NAME = 80;
const LONGEST_BYTES = 200;

/**
 * A text as the name of one folder or file: letters, digits, dots, underscores and hyphens, never
 * empty, hidden, `..` or with a separator, whatever the text was.
 */
export function fileName(text: string): string {
  const safe = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  return shortened(safe === '' ? 'unnamed' : safe);
}

/** The scenario's folder under the results folder; `comparison` is taken by the comparison files. */
export function scenarioFolderName(scenario: string): string {
  const name = fileName(scenario);
  return name.toLowerCase() === COMPARISON_FOLDER ? `${name}-runs` : name;
}

/** `2026-11-22T10-34-26Z-1f3a9c2e`: sorts by time, and two runs of one second differ in the id. */
export function runFolderName(wallMs: number, runId: string): string {
  const seconds = new Date(wallMs).toISOString().slice(0, 19).replaceAll(':', '-');
  return `${seconds}Z-${runId.replaceAll('-', '').slice(-8)}`;
}

/** `trial-001`, `trial-003-tokens-32-level-high` in a sweep, `trial-004-repeat-2` of several. */
export function trialFolderName(
  trial: number,
  axes: Readonly<Record<string, string | number | boolean>>,
  repetition?: number,
): string {
  const number = `trial-${String(trial).padStart(3, '0')}`;
  const keys = Object.keys(axes);
  const points = keys.map((key) => `${axisName(key, keys)}-${String(axes[key])}`);
  if (repetition !== undefined) points.unshift(`repeat-${repetition}`);
  if (points.length === 0) return number;
  return `${number}-${fileName(points.join('-'))}`;
}

/** The last part of the axis's path, or all of it where two axes would read the same. */
function axisName(key: string, keys: readonly string[]): string {
  const last = lastPart(key);
  return keys.filter((other) => lastPart(other) === last).length > 1 ? key : last;
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

/** A cut name keeps apart from its neighbours by a hash. */
function shortened(name: string): string {
  if (name.length <= LONGEST_NAME && Buffer.byteLength(name) <= LONGEST_BYTES) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const letters = [...name].slice(0, LONGEST_NAME - hash.length - 1);
  while (Buffer.byteLength(letters.join('')) > LONGEST_BYTES - hash.length - 1) letters.pop();
  return `${letters.join('')}-${hash}`;
}
