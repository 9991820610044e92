import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { NS_PER_SECOND, type Clock } from '../../base/time/clock.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { pacingOf, type Load, type PhaseLoad } from '../../load/executors/load-schema.ts';
import { arrivalText } from '../../load/pacing/arrival.ts';
import { modelOf } from '../../load/executors/registry.ts';
import { MEASURE } from '../../measure/metrics/outcome.ts';
import { throughputPerSecond } from '../../measure/metrics/throughput.ts';
import { readProcessTree } from '../../measure/monitors/process-tree.ts';
import type {
  Calibration,
  CalibrationLevel,
  CalibrationPacing,
} from '../../results/schema/calibration.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import type { RunObserver } from './observer.ts';
import { runTrial, type TrialEnd } from './run-trial.ts';
import type { StopRequests } from './stop-requests.ts';

export interface CalibrationParts {
  /** Aimed at null servers. */
  readonly trial: ResolvedTrial;
  readonly definitions: ReadonlyMap<string, DriverDefinition>;
  /** Of the null servers. */
  readonly serverPids: readonly number[];
  /** How long each level is held. */
  readonly levelNs: number;
  readonly clock: Clock;
  readonly stop: StopRequests;
  readonly observer: RunObserver;
}

export type Measured = Pick<
  Calibration,
  | 'operationsPerSecond'
  | 'limitedBy'
  | 'cpuNsPerOperation'
  | 'highestInFlight'
  | 'levels'
  | 'pacing'
>;

/** What one worker can send: closed loops of several widths, then an open loop at a rate. */
export async function calibrateTrial(parts: CalibrationParts): Promise<Measured> {
  const levels: CalibrationLevel[] = [];
  for (const vus of widthsOf(parts.trial)) {
    parts.observer.status(`Closed loop, ${vus * parts.trial.flows.length} in flight …`);
    levels.push(await measureLevel(parts, vus));
  }
  const best = levels.reduce((most, level) =>
    level.operationsPerSecond > most.operationsPerSecond ? level : most,
  );
  const kept = levels.filter(
    ({ operationsPerSecond }) => operationsPerSecond >= KEPT_SHARE * best.operationsPerSecond,
  );
  return {
    operationsPerSecond: best.operationsPerSecond,
    limitedBy: limitOf(best),
    cpuNsPerOperation: best.cpuNsPerOperation,
    highestInFlight: Math.max(...kept.map(({ inFlight }) => inFlight)),
    levels,
    pacing: await measurePacing(parts, best.operationsPerSecond),
  };
}

const WIDTHS = [16, 64, 256];
/** Beyond it connections and not requests would be what is measured. */
const MOST_OWN_WIDTH = 1_024;
const KEPT_SHARE = 0.9;

/** VUs of each flow: the same few for every scenario, and its own. */
function widthsOf({ flows }: ResolvedTrial): number[] {
  const own = flows.map(({ load }) => {
    const model = modelOf(load);
    return Math.min(model.kind === 'closed' ? model.vus : WIDTHS.at(-1)!, MOST_OWN_WIDTH);
  });
  return [...new Set([...WIDTHS, ...own])].toSorted((one, other) => one - other);
}

async function measureLevel(parts: CalibrationParts, vus: number): Promise<CalibrationLevel> {
  const cpu = new CpuWatch(parts);
  const end = await run(parts, cpu, () => {
    const load = { executor: 'constant-vus', vus, durationNs: parts.levelNs } as const;
    return withWarmup(load, parts.levelNs);
  });
  const operationsPerSecond = throughputPerSecond(end.collector.total);
  if (operationsPerSecond === 0) throw notCalibrated(end);
  const { own, servers } = cpu.shares();
  return {
    inFlight: vus * parts.trial.flows.length,
    operationsPerSecond,
    cpuNsPerOperation: (own * NS_PER_SECOND) / operationsPerSecond,
    cpuShare: own,
    serverCpuShare: servers,
  };
}

/** The scenario's own rate where it has one, and less than a worker can send in any case. */
const USUAL_RATE_PER_SECOND = 1_000;
const MOST_OF_CEILING = 0.5;

async function measurePacing(
  parts: CalibrationParts,
  ceilingPerSecond: number,
): Promise<CalibrationPacing> {
  const { flows } = parts.trial;
  const [load] = flows.map((flow) => modelOf(flow.load)).filter((model) => model.kind === 'open');
  const stepCount = flows.reduce((sum, { steps }) => sum + steps.length, 0);
  const asked = load?.curve.peakPerSecond ?? USUAL_RATE_PER_SECOND;
  const ratePerSecond = Math.min(asked, (MOST_OF_CEILING * ceilingPerSecond) / stepCount);
  // What a trace records is not repeated at another rate.
  const arrival = load === undefined || load.arrival === 'trace' ? 'poisson' : load.arrival;
  parts.observer.status(`Open loop, ${Math.round(ratePerSecond)}/s …`);
  const durationNs = 2 * parts.levelNs;
  const end = await run(parts, new CpuWatch(parts), () => {
    const open = {
      executor: 'constant-arrival-rate',
      ratePerSecond,
      durationNs,
      arrival,
      maxInFlight: load?.maxInFlight ?? WIDTHS.at(-1)!,
      whenLate: 'queue',
      pacing: flows.some((flow) => pacingOf(flow.load) === 'precise') ? 'precise' : 'efficient',
    } as const;
    return withWarmup(open, parts.levelNs);
  });
  const lag = end.collector.total.histogram('send_lag');
  if (lag.count === 0) throw notCalibrated(end);
  return {
    ratePerSecond,
    arrival: arrivalText(arrival),
    due: end.collector.account(MEASURE).due,
    p50Ns: lag.percentile(50),
    p99Ns: lag.percentile(99),
    maxNs: lag.max,
  };
}

const GRACE_NS = 2 * NS_PER_SECOND;

function withWarmup(load: PhaseLoad, levelNs: number): Load {
  const durationNs = levelNs / 2;
  const warmup = { load: { ...load, durationNs } as PhaseLoad, durationNs };
  return { ...load, gracefulStopNs: GRACE_NS, warmup };
}

/** One worker, nothing written: a ceiling with a disk in it would be another one. */
async function run(parts: CalibrationParts, cpu: CpuWatch, loadOf: () => Load): Promise<TrialEnd> {
  const { trial, observer } = parts;
  const flows = trial.flows.map((flow) => ({ ...flow, load: loadOf() }));
  const end = await runTrial({
    ...parts,
    trial: { ...trial, flows },
    workers: 1,
    shard: { index: 0, count: 1 },
    interval: () => undefined,
    measureBegan: () => cpu.began(),
    loadEnded: () => cpu.ended(),
  });
  observer.trialEnded();
  if (end.error !== undefined) throw end.error;
  if (parts.stop.drain) throw new LoadgenError('CALIBRATION_INTERRUPTED');
  return end;
}

function notCalibrated({ reports }: TrialEnd): LoadgenError {
  const [first] = reports.flatMap(({ failureReasons }) => failureReasons);
  const why = first === undefined ? '' : ` (${first.reason})`;
  return new LoadgenError('NOT_CALIBRATED', { reason: `the null server answered nothing${why}` });
}

/** A process that has so much of a core has none left. */
const FULL_CORE = 0.9;

function limitOf({ cpuShare, serverCpuShare }: CalibrationLevel): Calibration['limitedBy'] {
  if (cpuShare >= FULL_CORE) return 'loadgen';
  return serverCpuShare !== null && serverCpuShare >= FULL_CORE ? 'server' : 'machine';
}

/** CPU time of this process and of the null servers over the wall time of the measured phase. */
class CpuWatch {
  readonly #parts: CalibrationParts;
  #began: CpuReading | undefined;
  #ended: CpuReading | undefined;

  constructor(parts: CalibrationParts) {
    this.#parts = parts;
  }

  began(): void {
    this.#began = this.#read();
  }

  ended(): void {
    this.#ended = this.#read();
  }

  /** 1 is one core. */
  shares(): { own: number; servers: number | null } {
    const [from, to] = [this.#began, this.#ended];
    if (from === undefined || to === undefined) return { own: 0, servers: null };
    const seconds = (to.atNs - from.atNs) / NS_PER_SECOND;
    const known = from.serverSeconds !== null && to.serverSeconds !== null;
    return {
      own: (to.ownSeconds - from.ownSeconds) / seconds,
      servers: known ? (to.serverSeconds! - from.serverSeconds!) / seconds : null,
    };
  }

  #read(): CpuReading {
    const { user, system } = process.cpuUsage();
    const servers = this.#parts.serverPids.map(readProcessTree);
    const known = servers.filter((use) => use !== undefined);
    return {
      atNs: this.#parts.clock.nowNs(),
      ownSeconds: (user + system) / 1e6,
      serverSeconds:
        known.length < servers.length
          ? null
          : known.reduce((sum, { cpuNs }) => sum + cpuNs, 0) / NS_PER_SECOND,
    };
  }
}

interface CpuReading {
  readonly atNs: number;
  readonly ownSeconds: number;
  /** null where it cannot be read. */
  readonly serverSeconds: number | null;
}
