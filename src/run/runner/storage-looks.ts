import type { Clock } from '../../base/time/clock.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { MetricStore } from '../../measure/metrics/metric-store.ts';
import type { Tags } from '../../measure/metrics/metric-source.ts';
import { PHASES } from '../../measure/metrics/outcome.ts';
import { SERVER_DISK } from '../../measure/monitors/disk-source.ts';
import { SERVER_MEMORY } from '../../measure/monitors/process-source.ts';
import { ServerMonitor } from '../../measure/monitors/server-monitor.ts';
import type { RunningServer } from '../../recipes/start-server.ts';
import type { ResultStorage } from '../../results/schema/storage.ts';
import type { PreparationOutcome } from '../../results/trial-outcome.ts';
import {
  fillsCollections,
  heldRows,
  type HeldRows,
  type StepCounts,
} from '../../scenario/held-rows.ts';
import type { ResolvedTarget, ResolvedTrial } from '../../scenario/resolved.ts';
import type { RunServers } from './run-servers.ts';
import { ownSources } from './server-monitors.ts';

interface Around {
  readonly servers: RunServers;
  /** By driver name. */
  readonly definitions: ReadonlyMap<string, DriverDefinition>;
  readonly clock: Clock;
}

/** A server whose processes are looked at. */
interface Subject {
  /** The first of its targets that asks for it. */
  readonly target: ResolvedTarget;
  readonly server: RunningServer;
  /** Names of all its targets. */
  readonly targets: ReadonlySet<string>;
}

/** What was seen of a server, before and while something was prepared on it. */
interface Seen {
  readonly before: MetricStore;
  readonly meanwhile: MetricStore;
  /** It held nothing of an earlier preparation, nor what one left in it. */
  readonly isFresh: boolean;
}

/** What rows take of the servers that hold them: looks at these while they are filled. */
export class StorageLooks {
  readonly #around: Around;
  readonly #used = new WeakSet<RunningServer>();
  readonly #seen = new WeakMap<RunningServer, Seen>();

  constructor(around: Around) {
    this.#around = around;
  }

  /** Looks from before `work`, which prepares for a trial, until it is done. */
  async around<Done>(trial: ResolvedTrial, work: () => Promise<Done>): Promise<Done> {
    const { definitions, clock } = this.#around;
    const looked = this.#subjects(trial)
      .filter(({ targets }) => fillsCollections(trial, { definitions, targets }))
      .map(({ target, server }) => {
        const about = { target: target.name, everyNs: target.monitor!.everyNs };
        const monitors = ownSources(about, server, clock).map((source) => {
          return new ServerMonitor(source, clock, 'measure');
        });
        return { server, monitors };
      });
    const monitors = looked.flatMap((each) => each.monitors);
    try {
      await Promise.all(monitors.map((monitor) => monitor.start()));
      const before = looked.map((each) => takenOf(each.monitors));
      const done = await work();
      await Promise.all(monitors.map((monitor) => monitor.stop()));
      for (const [index, { server, monitors: own }] of looked.entries()) {
        const isFresh = !this.#used.has(server);
        const meanwhile = takenOf(own);
        this.#seen.set(server, { before: before[index]!, meanwhile, isFresh });
      }
      return done;
    } finally {
      for (const monitor of monitors) monitor.close();
      this.#markUsed(trial);
    }
  }

  /** What came of it, where the load of the trial has ended; `total`: all that was measured then. */
  of(
    trial: ResolvedTrial,
    preparations: readonly PreparationOutcome[],
    total: MetricStore,
  ): ResultStorage[] {
    const records = preparations.filter(({ phase }) => phase === 'prepare');
    return this.#subjects(trial).flatMap((subject) => {
      const seen = this.#seen.get(subject.server);
      const { definitions } = this.#around;
      if (seen === undefined || !fillsCollections(trial, { ...subject, definitions })) return [];
      const held = heldRows(trial, {
        definitions,
        targets: subject.targets,
        prepared(flow, { name }) {
          const record = records[trial.prepare!.indexOf(flow)];
          return countsOf(record?.metrics, { step: name });
        },
        loaded: records.some((record) => record.trial !== trial.trial)
          ? undefined
          : (flow, step) =>
              PHASES.map((phase) => countsOf(total, { flow: flow.name, step: step.name, phase })),
      });
      return [storageOf(subject, { seen, held, total })];
    });
  }

  #markUsed(trial: ResolvedTrial): void {
    for (const target of Object.values(trial.targets)) {
      const server = this.#around.servers.of(target);
      if (server !== undefined) this.#used.add(server);
    }
  }

  #subjects(trial: ResolvedTrial): Subject[] {
    const subjects = new Map<RunningServer, Subject>();
    const all = Object.values(trial.targets);
    for (const target of all) {
      const server = this.#around.servers.of(target);
      if (server === undefined || target.monitor?.process !== true) continue;
      if (subjects.has(server)) continue;
      const same = all.filter((other) => this.#around.servers.of(other) === server);
      subjects.set(server, { target, server, targets: new Set(same.map(({ name }) => name)) });
    }
    return [...subjects.values()];
  }
}

function takenOf(monitors: readonly ServerMonitor[]): MetricStore {
  return MetricStore.sumOf(monitors.flatMap((monitor) => monitor.take('measure') ?? []));
}

function countsOf(metrics: MetricStore | undefined, tags: Tags): StepCounts {
  if (metrics === undefined) return { attempted: 0, ok: 0, items: 0 };
  return {
    attempted: metrics.counter('attempted', tags),
    ok: metrics.counter('operations', { ...tags, outcome: 'ok' }),
    items: metrics.counter('items', tags),
  };
}

interface Found {
  readonly seen: Seen;
  readonly held: readonly HeldRows[];
  readonly total: MetricStore;
}

function storageOf({ target, server }: Subject, { seen, held, total }: Found): ResultStorage {
  const levels = (metric: string): Levels => levelsOf(metric, target.name, { seen, total });
  const memory = levels(SERVER_MEMORY.name);
  const disk = server.dataFolder === undefined ? null : levels(SERVER_DISK.name);
  const prepared = sumOf(held.map((each) => each.prepared));
  const isKnown = seen.isFresh && prepared !== null && prepared > 0;
  return {
    target: target.name,
    collections: held.map(({ collection, prepared: rows = null, end = null }) => {
      return { collection, prepared: rows, end };
    }),
    rows: { prepared, end: sumOf(held.map(({ end }) => end)) },
    memory,
    disk,
    perMillion: isKnown
      ? { memory: perMillion(memory, prepared), disk: perMillion(disk, prepared) }
      : null,
  };
}

type Levels = ResultStorage['memory'];

function levelsOf(metric: string, target: string, { seen, total }: Omit<Found, 'held'>): Levels {
  const tags = { target };
  const before = seen.before.gauge(metric, tags);
  const meanwhile = seen.meanwhile.gauge(metric, tags);
  const loaded = PHASES.map((phase) => total.gauge(metric, { ...tags, phase }));
  const end = loaded.at(-1)!;
  const all = [before, meanwhile, ...loaded].filter(({ count }) => count > 0);
  return {
    before: before.count > 0 ? before.last : null,
    prepared: meanwhile.count > 0 ? meanwhile.last : null,
    peak: all.length > 0 ? Math.max(...all.map(({ max }) => max)) : null,
    end: end.count > 0 ? end.last : null,
  };
}

function perMillion(levels: Levels | null, rows: number): number | null {
  if (levels === null || levels.before === null || levels.prepared === null) return null;
  return ((levels.prepared - levels.before) / rows) * 1e6;
}

/** null where one of them is not known. */
function sumOf(counts: readonly (number | undefined)[]): number | null {
  return counts.reduce<number | null>(
    (sum, count) => (sum === null || count === undefined ? null : sum + count),
    0,
  );
}
