export type VerdictState = 'VALID' | 'SUSPECT' | 'INVALID' | 'NOT_JUDGED';

/** One thing that speaks against a run. */
export interface VerdictReason {
  /** What it alone makes of the verdict. */
  readonly state: 'SUSPECT' | 'INVALID';
  readonly what: string;
  /** The measured figure and its limit, in words. */
  readonly figure: string;
  /** What to do about it. */
  readonly remedy: string;
}

export interface Verdict {
  readonly state: VerdictState;
  readonly reasons: readonly VerdictReason[];
}

/** A reason as one sentence. */
export function reasonText({ what, figure, remedy }: VerdictReason): string {
  return `${what}: ${figure}; ${remedy}`;
}
