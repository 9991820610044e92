/** Upper bounds of the duration histogram, in seconds: one text takes about 0.0001. */
const bucketBoundsSeconds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/** What the server counts about itself, rendered in Prometheus' text format 0.0.4. */
export class Metrics {
  readonly #modelLoadSeconds: number;
  readonly #requestsByCode = new Map<number, number>();
  /** One per bound and one for +Inf; not cumulative until rendered. */
  readonly #buckets = new Float64Array(bucketBoundsSeconds.length + 1);
  #durationSeconds = 0;
  #texts = 0;

  constructor(modelLoadSeconds: number) {
    this.#modelLoadSeconds = modelLoadSeconds;
  }

  recordRequest(code: number, seconds: number): void {
    this.#requestsByCode.set(code, (this.#requestsByCode.get(code) ?? 0) + 1);
    this.#durationSeconds += seconds;
    let bucket = 0;
    while (bucket < bucketBoundsSeconds.length && seconds > bucketBoundsSeconds[bucket]!) bucket++;
    this.#buckets[bucket]! += 1;
  }

  recordTexts(texts: number): void {
    this.#texts += texts;
  }

  render(): string {
    return [
      ...header('embedding_model_load_seconds', 'gauge', 'Time taken to make the model ready.'),
      `embedding_model_load_seconds ${this.#modelLoadSeconds}`,
      ...header('embedding_peak_memory_bytes', 'gauge', 'Largest resident set so far.'),
      `embedding_peak_memory_bytes ${process.resourceUsage().maxRSS * 1024}`,
      ...header('embedding_requests_total', 'counter', 'Requests to /embed by HTTP status.'),
      ...[...this.#requestsByCode].map(
        ([code, requests]) => `embedding_requests_total{code="${code}"} ${requests}`,
      ),
      ...header('embedding_texts_total', 'counter', 'Texts embedded.'),
      `embedding_texts_total ${this.#texts}`,
      ...this.#renderDurations(),
      '',
    ].join('\n');
  }

  #renderDurations(): string[] {
    const name = 'embedding_request_duration_seconds';
    const lines = header(name, 'histogram', 'From the request head to the answer handed over.');
    let requests = 0;
    for (const [index, bound] of [...bucketBoundsSeconds, '+Inf'].entries()) {
      requests += this.#buckets[index]!;
      lines.push(`${name}_bucket{le="${bound}"} ${requests}`);
    }
    lines.push(`${name}_sum ${this.#durationSeconds}`, `${name}_count ${requests}`);
    return lines;
  }
}

function header(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}
