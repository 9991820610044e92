/** What a server says about itself and its models, in the words of KServe v2. */

export interface TensorFact {
  readonly name: string;
  readonly datatype: string;
  /** -1: any size. */
  readonly shape: readonly number[];
}

export interface ModelFacts {
  readonly inputs: readonly TensorFact[];
  readonly outputs: readonly TensorFact[];
  /** Inputs that a request may leave out; undefined where the server does not say. */
  readonly optionalInputs: readonly string[] | undefined;
  /** It answers a request with any number of responses; undefined where the server does not say. */
  readonly isDecoupled: boolean | undefined;
}

export interface ModelName {
  readonly model: string;
  readonly version?: string | number | undefined;
}

/** What is asked of a server beside the load. */
export interface ServerControl {
  /** Rejects with the reason where the server cannot be reached. */
  isServerReady(): Promise<boolean>;
  isModelReady(name: ModelName): Promise<boolean>;
  /** The names in the server's repository; undefined where it does not tell them. */
  repository(): Promise<readonly string[] | undefined>;
  modelFacts(name: ModelName): Promise<ModelFacts>;
  /** The statistics of all models, as Triton's statistics extension has them in JSON. */
  statistics(): Promise<readonly ModelStatistics[]>;
  close(): void;
}

export interface DurationStatistic {
  readonly count: number;
  readonly ns: number;
}

export interface ModelStatistics {
  readonly name: string;
  readonly inference_count: number;
  readonly execution_count: number;
  readonly inference_stats: Readonly<Record<string, DurationStatistic>>;
}
