/** Draws of one operation: a function of the seed and the iteration, whichever worker asks. */
export interface Draws {
  /** A whole number from `first` to `last`, both included. */
  between(first: number, last: number): number;
}

export interface WorkloadStatement {
  readonly sql: string;
  /** Indices among the values drawn, for $1, $2 and so on. */
  readonly bind: readonly number[];
}

/** A benchmark that needs nothing but its name: tables, and what one transaction does with them. */
export interface Workload {
  readonly name: string;
  /** Statements that make and fill its tables, each on its own. */
  initialize(scale: number): readonly string[];
  readonly drop: readonly string[];
  /** Whether the statements stand between BEGIN and END. */
  readonly isTransaction: boolean;
  readonly statements: readonly WorkloadStatement[];
  /** The values of one transaction. */
  draw(draws: Draws, scale: number): readonly (number | string)[];
}
