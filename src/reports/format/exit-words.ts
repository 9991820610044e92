import { EXIT_CODES } from '../../base/errors/exit-codes.ts';

/** `99: thresholds failed` */
export function exitWords(exitCode: number): string {
  const name = Object.entries(EXIT_CODES).find(([, code]) => code === exitCode)?.[0];
  return name === undefined ? String(exitCode) : `${exitCode}: ${inWords(name)}`;
}

/** `thresholdsFailed` → `thresholds failed` */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
