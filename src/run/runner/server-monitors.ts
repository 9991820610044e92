import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Clock } from '../../base/time/clock.ts';
import type { DriverDefinition, ServerStats } from '../../drivers/driver.ts';
import type { RecordedInterval } from '../../measure/metrics/interval-collector.ts';
import type { MetricStore } from '../../measure/metrics/metric-store.ts';
import { PHASES } from '../../measure/metrics/outcome.ts';
import { diskSource } from '../../measure/monitors/disk-source.ts';
import { processSource } from '../../measure/monitors/process-source.ts';
import { prometheusSource } from '../../measure/monitors/prometheus-source.ts';
import { ServerMonitor, type ServerLooks } from '../../measure/monitors/server-monitor.ts';
import type { ServerSource } from '../../measure/monitors/server-source.ts';
import type { RunningServer } from '../../recipes/start-server.ts';
import type { ResolvedTarget, ResolvedTrial } from '../../scenario/resolved.ts';
import type { RunServers } from './run-servers.ts';

interface Around {
  readonly trial: ResolvedTrial;
  /** By driver name. */
  readonly definitions: ReadonlyMap<string, DriverDefinition>;
  readonly servers: RunServers;
  readonly clock: Clock;
}

/** Looks at the servers of a trial while they are under load, as their targets ask for it. */
export class ServerMonitors {
  readonly notes: readonly string[];
  readonly #monitors: readonly ServerMonitor[];

  private constructor(monitors: readonly ServerMonitor[], notes: readonly string[]) {
    this.#monitors = monitors;
    this.notes = notes;
  }

  /** Has looked at each server once. Of several shards only the first looks. */
  static async open(around: Around, shardIndex: number): Promise<ServerMonitors> {
    const { trial, servers, clock } = around;
    const targets = shardIndex === 0 ? Object.values(trial.targets) : [];
    const sources: ServerSource[] = [];
    const notes: string[] = [];
    for (const target of targets) {
      sources.push(...(await sourcesOf(target, around)));
      if (target.monitor?.process === true && servers.of(target) === undefined) {
        notes.push(`the processes of "${target.name}" are not known: loadgen did not start it`);
      }
    }
    const hasWarmup = trial.flows.some(({ load }) => load.warmup !== undefined);
    const phase = hasWarmup ? 'warmup' : 'measure';
    const monitors = sources.map((source) => new ServerMonitor(source, clock, phase));
    await Promise.all(monitors.map((monitor) => monitor.start()));
    return new ServerMonitors(monitors, notes);
  }

  measureBegan(): void {
    for (const monitor of this.#monitors) void monitor.measureBegan();
  }

  async loadEnded(): Promise<void> {
    await Promise.all(this.#monitors.map((monitor) => monitor.stop()));
  }

  /** Adds what was seen since the row before to this one. */
  interval(row: RecordedInterval, total: MetricStore): void {
    for (const monitor of this.#monitors) {
      const seen = monitor.take(row.phase);
      if (seen === undefined) continue;
      row.metrics.add(seen);
      total.add(seen);
    }
  }

  /** Adds what came after the last row. */
  finish(total: MetricStore): void {
    for (const monitor of this.#monitors) {
      for (const phase of PHASES) {
        const seen = monitor.take(phase);
        if (seen !== undefined) total.add(seen);
      }
    }
  }

  get looks(): readonly ServerLooks[] {
    return this.#monitors.map(({ looks }) => looks);
  }

  close(): void {
    for (const monitor of this.#monitors) monitor.close();
  }
}

async function sourcesOf(
  target: ResolvedTarget,
  { definitions, servers, clock, trial }: Around,
): Promise<ServerSource[]> {
  const { monitor, name, url } = target;
  if (monitor === undefined) return [];
  const { everyNs, stats, prometheus, process } = monitor;
  const about = { target: name, everyNs };
  const sources: ServerSource[] = [];
  const serverStats = definitions.get(target.driver)!.serverStats;
  if (stats && serverStats !== undefined) {
    sources.push(await statsSource(target, serverStats, trial.baseFolder));
  }
  const server = servers.of(target);
  if (prometheus !== undefined) {
    // A server that loadgen started may have its metrics at an address of their own.
    const page = new URL(prometheus, server?.metricsUrl ?? url).href;
    sources.push(prometheusSource({ ...about, url: page }));
  }
  if (process && server !== undefined) sources.push(...ownSources(about, server, clock));
  return sources;
}

/** What can be seen of a server that loadgen started, whatever it is. */
export function ownSources(
  about: Pick<ServerSource, 'target' | 'everyNs'>,
  { pid, dataFolder }: RunningServer,
  clock: Clock,
): ServerSource[] {
  return [
    processSource({ ...about, pid }, clock),
    ...(dataFolder === undefined ? [] : [diskSource({ ...about, folder: dataFolder })]),
  ];
}

/** What the driver of a target asks its server. */
async function statsSource(
  { name, url, options, monitor }: ResolvedTarget,
  { metrics, load }: ServerStats,
  baseFolder: string,
): Promise<ServerSource> {
  const { open } = await load();
  const sampler = open({ name, url, options, baseFolder });
  const declared = new Map(metrics.map((metric) => [metric.name, metric]));
  const tags = { target: name };
  return {
    target: name,
    kind: 'stats',
    everyNs: monitor!.everyNs,
    async read() {
      return Object.entries(await sampler.sample()).flatMap(([metric, value]) => {
        const declaration = declared.get(metric);
        if (declaration === undefined) {
          const reason = `the driver of "${name}" gave ${metric}, which it does not declare`;
          throw new LoadgenError('BUG', { reason });
        }
        return Number.isFinite(value) ? [{ declaration, tags, value }] : [];
      });
    },
    close: () => sampler.close(),
  };
}
