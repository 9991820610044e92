import type { Result } from '../results/schema/result.ts';
import type { BaselineComparison } from '../results/schema/baseline.ts';
import type { Palette } from './palette.ts';

/** The trials to report on, in their order; more than one for a sweep. */
export interface ReportInput {
  readonly trials: readonly ReportedTrial[];
  /** Colours for a terminal; without one the text is plain. */
  readonly palette?: Palette;
  /** How they stand to an earlier run, where that was asked for. */
  readonly baseline?: BaselineComparison | undefined;
}

export interface ReportedTrial {
  readonly result: Result;
  /** Where its files are, as the reader should see the path; empty to leave it out. */
  readonly folder: string;
}

/** A saved result in, text out: no files, no console, so that any run can be reported again. */
export type Report = (input: ReportInput) => { readonly text: string };
