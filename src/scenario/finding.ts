import type { Path } from './source/source-node.ts';

/** Something wrong at a path of a trial's tree; `report-problem.ts` gives it its place. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
  /** About the key rather than its value. */
  readonly atKey?: boolean;
  readonly severity?: 'warning';
  /** What else is found at this path follows from it, and is not told. */
  readonly hidesOthers?: boolean;
}
