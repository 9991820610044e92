/** Cumulative counts and times of one model, as Triton's statistics extension has them. */

export interface DurationStatistic {
  count: number;
  ns: number;
}

const PARTS = [
  'success',
  'fail',
  'queue',
  'compute_input',
  'compute_infer',
  'compute_output',
  'cache_hit',
  'cache_miss',
] as const;

export class ModelStatistics {
  inferences = 0;
  executions = 0;
  readonly parts = Object.fromEntries(PARTS.map((part) => [part, { count: 0, ns: 0 }])) as Record<
    (typeof PARTS)[number],
    DurationStatistic
  >;

  /** A request of `batch` inferences that waited and was computed. */
  served(batch: number, queueNs: number, computeNs: number): void {
    this.inferences += batch;
    this.executions++;
    this.#add('success', queueNs + computeNs);
    this.#add('queue', queueNs);
    this.#add('compute_input', 0);
    this.#add('compute_infer', computeNs);
    this.#add('compute_output', 0);
  }

  failed(ns: number): void {
    this.#add('fail', ns);
  }

  toJSON(name: string): object {
    return {
      name,
      version: '1',
      last_inference: 0,
      inference_count: this.inferences,
      execution_count: this.executions,
      inference_stats: this.parts,
      batch_stats: [],
    };
  }

  #add(part: (typeof PARTS)[number], ns: number): void {
    this.parts[part].count++;
    this.parts[part].ns += Math.round(ns);
  }
}
