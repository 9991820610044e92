/** What an importer makes of a file: a scenario before it is written down. */
export interface Draft {
  /** "From a curl command": the first line of the scenario. */
  readonly source: string;
  readonly targets: readonly DraftTarget[];
  readonly feeders: readonly DraftFeeder[];
  readonly steps: readonly DraftStep[];
  /** Variables of the environment that must be set before a run. */
  readonly variables: readonly Variable[];
  /** What was not carried over, and what should be known: a comment each, and said beside. */
  readonly notes: readonly string[];
}

export interface DraftTarget {
  readonly name: string;
  readonly url: string;
  /** Further keys, as the scenario writes them. */
  readonly keys: Readonly<Record<string, unknown>>;
}

export interface DraftFeeder {
  readonly name: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export interface DraftStep {
  readonly name: string;
  readonly target: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly expect?: readonly string[];
  /** Above the step. */
  readonly comment?: string;
  /** The later steps do not need it. */
  readonly standsAlone?: boolean;
}

export interface Variable {
  readonly name: string;
  /** "the header authorization". */
  readonly meaning: string;
}

/** What requests may hold in this version: the schemes and keys that the http driver declares. */
export interface HttpWords {
  readonly schemes: readonly string[];
  readonly requestKeys: readonly string[];
  readonly targetKeys: readonly string[];
}
