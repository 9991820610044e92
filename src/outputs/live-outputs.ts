import { resolve } from 'node:path';
import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';
import { NS_PER_MS, type Clock } from '../base/time/clock.ts';
import type { Interval } from '../measure/metrics/interval.ts';
import type { MetricSource } from '../measure/metrics/metric-source.ts';
import type { OutputAccount } from './delivery-count.ts';
import type { LiveOutput, OutputTrial } from './output.ts';
import type { OutputsSpec } from './outputs-schema.ts';

/** How long the end of a trial, and the end of a run, wait for outputs that lag behind. */
const SETTLE_MS = 2_000;
/** And how long what was given up then may take to say so. */
const GIVE_UP_MS = 100;

type Accounts = () => readonly OutputAccount[];

/** Every output: a line each, loaded when a scenario asks for it. */
const OUTPUTS = {
  'prometheus.listen': async ({ prometheus }: OutputsSpec, _folder: string, accounts: Accounts) => {
    if (prometheus?.listen === undefined) return undefined;
    const { openPrometheusEndpoint } = await import('./prometheus/prometheus-endpoint.ts');
    const { listen, token } = prometheus;
    return openPrometheusEndpoint({ listen, token, accounts });
  },
  'prometheus.file': async ({ prometheus }: OutputsSpec, folder: string, accounts: Accounts) => {
    if (prometheus?.file === undefined) return undefined;
    const { openPrometheusFile } = await import('./prometheus/prometheus-file.ts');
    return openPrometheusFile(resolve(folder, prometheus.file), accounts);
  },
  otlp: async ({ otlp }: OutputsSpec) => {
    return otlp && (await import('./otlp/otlp-output.ts')).openOtlpOutput(otlp);
  },
  statsd: async ({ statsd }: OutputsSpec) => {
    return statsd && (await import('./statsd/statsd-output.ts')).openStatsdOutput(statsd);
  },
  csv: async ({ csv }: OutputsSpec, folder: string) => {
    if (csv === undefined) return undefined;
    return (await import('./lines/csv-output.ts')).openCsvOutput(resolve(folder, csv.file));
  },
  jsonLines: async ({ jsonLines }: OutputsSpec, folder: string) => {
    if (jsonLines === undefined) return undefined;
    const { openJsonLinesOutput } = await import('./lines/json-lines-output.ts');
    return openJsonLinesOutput(resolve(folder, jsonLines.file));
  },
} as const satisfies Record<
  string,
  (spec: OutputsSpec, folder: string, accounts: Accounts) => Promise<LiveOutput | undefined>
>;

/** All live outputs of a run as one. */
export class LiveOutputs {
  readonly #outputs: LiveOutput[] = [];
  readonly #clock: Clock;
  #trial: { readonly about: OutputTrial; readonly startedAtMs: number } | undefined;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Opens what the scenario asks for; throws OUTPUT_NOT_OPENED where an endpoint or file cannot be
   * opened on this machine. A collector that does not answer is none of that: it is told at the end.
   */
  static async open(
    spec: OutputsSpec,
    { clock, folder }: { readonly clock: Clock; readonly folder: string },
  ): Promise<LiveOutputs> {
    const live = new LiveOutputs(clock);
    for (const [output, open] of Object.entries(OUTPUTS)) {
      try {
        const opened = await open(spec, folder, () => live.accounts());
        if (opened !== undefined) live.#outputs.push(opened);
      } catch (thrown) {
        await live.close();
        throw new LoadgenError('OUTPUT_NOT_OPENED', { output, reason: reasonOf(thrown) });
      }
    }
    return live;
  }

  trialStarted(about: OutputTrial): void {
    this.#trial = { about, startedAtMs: this.#clock.wallMs() };
  }

  /** A second is complete. Returns at once and throws nothing. */
  interval(interval: Interval, total: MetricSource): void {
    if (this.#trial === undefined || this.#outputs.length === 0) return;
    const { about, startedAtMs } = this.#trial;
    const agoMs = (this.#clock.nowNs() - interval.startedAtNs - interval.durationNs) / NS_PER_MS;
    const endedAtMs = this.#clock.wallMs() - agoMs;
    const second = { trial: about, interval, total, endedAtMs, trialStartedAtMs: startedAtMs };
    for (const output of this.#outputs) {
      try {
        output.accept(second);
      } catch (thrown) {
        // A bug in an output must not cost a measurement; it shows where drops are shown.
        output.account.drop(thrown);
      }
    }
  }

  /** The end of a trial: waits two seconds at most, and tells how each output fared so far. */
  async settle(): Promise<readonly OutputAccount[]> {
    const isSettled = await this.#settled(SETTLE_MS);
    if (!isSettled) {
      for (const output of this.#outputs) output.giveUp();
      await this.#settled(GIVE_UP_MS);
    }
    return this.accounts();
  }

  accounts(): readonly OutputAccount[] {
    return this.#outputs.map(({ account }) => account.snapshot());
  }

  /** The end of the run. */
  async close(): Promise<void> {
    await this.#inTime(
      this.#outputs.splice(0).map((output) => output.close()),
      SETTLE_MS,
    );
  }

  #settled(withinMs: number): Promise<boolean> {
    return this.#inTime(
      this.#outputs.map((output) => output.settle()),
      withinMs,
    );
  }

  async #inTime(ends: readonly Promise<void>[], withinMs: number): Promise<boolean> {
    let cancel = (): void => {};
    const late = new Promise<false>((end) => {
      cancel = this.#clock.after(withinMs, () => end(false));
    });
    const ended = Promise.allSettled(ends).then(() => true);
    try {
      return await Promise.race([ended, late]);
    } finally {
      cancel();
    }
  }
}
