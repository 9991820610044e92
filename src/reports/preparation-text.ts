import type { SurroundingPhase } from '../measure/metrics/outcome.ts';
import type { ResultPreparation } from '../results/schema/preparation.ts';
import type { ResultThreshold } from '../results/schema/result.ts';
import type { Palette } from './palette.ts';
import { preparations } from './text/preparations.ts';
import { thresholds } from './text/thresholds.ts';

export interface PreparedParts {
  readonly phase: SurroundingPhase;
  readonly preparations: readonly ResultPreparation[];
  readonly thresholds: readonly ResultThreshold[];
}

const NOTHING = {
  prepare: 'The scenario has nothing to prepare.',
  cleanup: 'The scenario has nothing to clean up.',
} as const;

/** What `loadgen prepare` and `loadgen cleanup` did, for people. */
export function preparationText(prepared: PreparedParts, palette: Palette): string {
  if (prepared.preparations.length === 0) return `${NOTHING[prepared.phase]}\n`;
  const sections = [
    preparations(prepared.preparations, palette),
    thresholds(prepared.thresholds, palette),
  ].filter((lines) => lines.length > 0);
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
