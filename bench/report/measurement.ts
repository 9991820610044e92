import type { Machine, Source } from '../machine/machine.ts';
import type { CaseReport } from './report.ts';

/** What was measured, when, where and with what: as it is kept, and as `--json` writes it. */
export interface Measurement extends CaseReport {
  readonly case: string;
  readonly finishedAt: string;
  readonly repetitions: number;
  readonly seconds: number;
  readonly machine: Machine;
  readonly source: Source;
}
