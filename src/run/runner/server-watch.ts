import { NS_PER_SECOND, type Clock } from '../../base/time/clock.ts';
import { readProcessTree } from '../../measure/monitors/process-tree.ts';
import { UNKNOWN_USE, type ServerUse } from '../../results/interchange/server-use.ts';
import type { ResolvedTarget, ResolvedTrial } from '../../scenario/resolved.ts';
import type { RunServers } from './run-servers.ts';
import { factsFromMetrics } from './server-facts.ts';

/** Where servers show their Prometheus metrics unless their recipe says otherwise. */
const METRICS_PATH = '/metrics';

/** Looks after the servers of a trial: what they used, and whether they stayed. */
export class ServerWatch {
  readonly notes: string[] = [];
  readonly #targets: readonly ResolvedTarget[];
  readonly #servers: RunServers;
  readonly #clock: Clock;
  /** CPU seconds used until the measured phase began. */
  readonly #cpuAtStart = new Map<string, number | null>();
  /** CPU time over wall time of the load: 100 is one core. */
  readonly #cpuPercent = new Map<string, number | null>();
  #measureBeganNs: number | undefined;
  #watching = true;

  constructor(trial: ResolvedTrial, servers: RunServers, clock: Clock) {
    this.#targets = Object.values(trial.targets);
    this.#servers = servers;
    this.#clock = clock;
    for (const target of this.#targets) {
      void servers.of(target)?.ended.then((reason) => {
        if (this.#watching) this.notes.push(`the server of "${target.name}" ended: ${reason}`);
      });
    }
  }

  measureBegan(): void {
    this.#measureBeganNs = this.#clock.nowNs();
    for (const target of this.#targets) this.#cpuAtStart.set(target.name, this.#cpuOf(target));
  }

  loadEnded(): void {
    this.#watching = false;
    if (this.#measureBeganNs === undefined) return;
    const seconds = (this.#clock.nowNs() - this.#measureBeganNs) / NS_PER_SECOND;
    for (const target of this.#targets) {
      const before = this.#cpuAtStart.get(target.name) ?? null;
      const after = this.#cpuOf(target);
      const known = before !== null && after !== null;
      this.#cpuPercent.set(target.name, known ? ((after - before) / seconds) * 100 : null);
    }
  }

  /** To be asked when load has ended and the servers still run. */
  async use(): Promise<Readonly<Record<string, ServerUse>>> {
    const use: Record<string, ServerUse> = {};
    for (const target of this.#targets) use[target.name] = await this.#useOf(target);
    return use;
  }

  async #useOf(target: ResolvedTarget): Promise<ServerUse> {
    const cpuUtilizationPercent = this.#cpuPercent.get(target.name) ?? null;
    if (target.labels['framework'] === undefined) return { ...UNKNOWN_USE, cpuUtilizationPercent };
    const known = this.#servers.of(target)?.metricsUrl;
    const url = known ?? new URL(METRICS_PATH, target.url).href;
    return { ...(await factsFromMetrics(url)), cpuUtilizationPercent };
  }

  #cpuOf(target: ResolvedTarget): number | null {
    const server = this.#servers.of(target);
    const use = server && readProcessTree(server.pid);
    return use === undefined ? null : use.cpuNs / NS_PER_SECOND;
  }
}
