import { readLoopTimes, type LoopTimes } from '../../base/time/event-loop.ts';
import { readProcessorTime, type ProcessorTime } from './processor-time.ts';
import { VitalsBoard, type Vitals } from './worker-vitals.ts';

/** How one worker spent a stretch of time. */
export interface WorkerSample {
  readonly worker: number;
  readonly durationNs: number;
  /** In callbacks, whether it was running or waited for a core; not in waiting for arrivals. */
  readonly busyNs: number;
  readonly spinNs: number;
  /** That its thread was running, with V8's own threads left out. */
  readonly cpuNs: number;
  readonly gcCount: number;
  readonly gcNs: number;
  readonly gcLongestNs: number;
  /** At its end. */
  readonly openConnections: number;
}

/** A stretch of a trial, about a second. */
export interface MonitorSample {
  readonly workers: readonly WorkerSample[];
  /** Of the runner's own event loop. */
  readonly runnerBusyShare: number;
  readonly processCpuNs: number;
  readonly residentBytes: number;
  /** Time of all processors that passed; undefined where the system does not tell. */
  readonly processors: ProcessorTime | undefined;
}

interface Reading {
  readonly workers: readonly Vitals[];
  readonly loop: LoopTimes;
  readonly processCpuNs: number;
  readonly processors: ProcessorTime | undefined;
}

/** The runner's side: what has happened from one look to the next. */
export class TrialMonitor {
  readonly #boards: readonly VitalsBoard[];
  #before: Reading;
  #residentBytes = 0;

  constructor(memories: readonly SharedArrayBuffer[]) {
    this.#boards = memories.map((memory) => new VitalsBoard(memory));
    this.#before = this.#read();
  }

  /** Since the call before. Workers that have not written since are left out. */
  take(): MonitorSample {
    const before = this.#before;
    const now = this.#read();
    this.#before = now;
    const idleNs = now.loop.idleNs - before.loop.idleNs;
    const activeNs = now.loop.activeNs - before.loop.activeNs;
    return {
      workers: now.workers.flatMap((vitals, worker) =>
        this.#workerSample(worker, before.workers[worker]!, vitals),
      ),
      runnerBusyShare: activeNs <= 0 ? 0 : Math.min(1, activeNs / (activeNs + Math.max(0, idleNs))),
      processCpuNs: now.processCpuNs - before.processCpuNs,
      residentBytes: this.#readResident(),
      processors: processorsSince(before.processors, now.processors),
    };
  }

  /** Reading it takes a file: a process that has none left must say so, and not end of this. */
  #readResident(): number {
    try {
      this.#residentBytes = process.memoryUsage.rss();
    } catch {
      // As it was before.
    }
    return this.#residentBytes;
  }

  #workerSample(worker: number, before: Vitals, now: Vitals): WorkerSample[] {
    const durationNs = now.atNs - before.atNs;
    // The first look of a worker says nothing yet of how long it took.
    if (before.atNs === 0 || durationNs <= 0) return [];
    return [
      {
        worker,
        durationNs,
        busyNs: Math.max(0, now.busyNs - before.busyNs),
        spinNs: now.spinNs - before.spinNs,
        cpuNs: now.cpuNs - before.cpuNs,
        gcCount: now.gcCount - before.gcCount,
        gcNs: now.gcNs - before.gcNs,
        gcLongestNs: this.#boards[worker]!.takeLongestGarbageCollection(),
        openConnections: now.openConnections,
      },
    ];
  }

  #read(): Reading {
    const { user, system } = process.cpuUsage();
    return {
      workers: this.#boards.map((board) => board.read()),
      loop: readLoopTimes(),
      processCpuNs: (user + system) * 1_000,
      processors: readProcessorTime(),
    };
  }
}

function processorsSince(
  before: ProcessorTime | undefined,
  now: ProcessorTime | undefined,
): ProcessorTime | undefined {
  if (before === undefined || now === undefined || now.total <= before.total) return undefined;
  // Single counters of /proc/stat may step back a little.
  return {
    total: now.total - before.total,
    idle: Math.max(0, now.idle - before.idle),
    stolen: Math.max(0, now.stolen - before.stolen),
  };
}
