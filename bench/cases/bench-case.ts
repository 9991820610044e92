import type { CaseReport } from '../report/report.ts';

/** A question that one table answers. */
export interface BenchCase {
  readonly name: string;
  readonly question: string;
  /** What a figure that is kept needs at least. */
  readonly repetitions: number;
  readonly seconds: number;
  run(settings: BenchSettings): Promise<CaseReport>;
}

export interface BenchSettings {
  readonly repetitions: number;
  /** How long each program is measured. */
  readonly seconds: number;
  /** A line about what was just measured, for whoever watches. */
  say(line: string): void;
}
