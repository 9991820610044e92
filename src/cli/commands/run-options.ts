/** How a scenario is chosen and changed on the command line; shared by run, validate and plan. */
export interface ScenarioOptions {
  /** In the order in which they are laid over the scenario. */
  readonly profiles: readonly string[];
  /** PATH=VALUE as typed. */
  readonly set: readonly string[];
  /** NAME=URL as typed. */
  readonly targets: readonly string[];
  readonly seed?: number;
  /** One JSON object at the end instead of text. */
  readonly json: boolean;
}

/** `loadgen calibrate`. */
export interface CalibrateOptions extends ScenarioOptions {
  readonly file: string;
  /** A duration as typed. */
  readonly level: string;
  readonly quiet: boolean;
}

/** `loadgen prepare` and `loadgen cleanup`. */
export interface PrepareOptions extends ScenarioOptions {
  readonly file: string;
  /** One a core less one where it is not given. */
  readonly workers?: number;
  readonly quiet: boolean;
}

/** `loadgen audit`. */
export interface AuditOptions extends ScenarioOptions {
  readonly file: string;
  readonly workers?: number;
  readonly results?: string;
  readonly quiet: boolean;
  readonly debug: boolean;
  /** What the reference server is asked to do, in the words of its own options. */
  readonly service: string;
  readonly slots?: number;
  readonly freeze?: string;
  readonly failEvery?: string;
  /** Durations as typed. */
  readonly maxLag: string;
  readonly maxReceive: string;
}

/** `loadgen run`. */
export interface RunOptions extends ScenarioOptions {
  readonly file: string;
  /** One a core less one where it is not given. */
  readonly workers?: number;
  /** Folder for the result folders; `results` under the current folder where it is not given. */
  readonly results?: string;
  /** The folder of a good run to be held against. */
  readonly baseline?: string;
  /** `10%` as typed: how much worse than the baseline it may be. */
  readonly maxRegression?: string;
  /** I/N as typed. */
  readonly shard?: string;
  /** An ISO time or a duration from now, as typed. */
  readonly startAt?: string;
  /** Write the raw log of all operations. */
  readonly keepSamples?: boolean;
  readonly quiet: boolean;
  /** Print stacks. */
  readonly debug: boolean;
}
