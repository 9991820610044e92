/** What a case says: tables to read, ratios to hold against the last ones, gates to pass. */
export interface CaseReport {
  readonly tables: readonly Table[];
  readonly ratios: Readonly<Record<string, Ratio>>;
  readonly gates: readonly Gate[];
  readonly notes: readonly string[];
  /** Of the client's core: how much other programs and the hypervisor had meanwhile. */
  readonly othersShare: number;
  /** Programs that took part, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One value a repetition. */
export interface Ratio {
  readonly values: readonly number[];
  readonly better: 'higher' | 'lower';
}

/** What must hold. */
export interface Gate {
  readonly text: string;
  readonly holds: boolean;
}
