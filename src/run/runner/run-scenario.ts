import { EXIT_CODES, worstExitCode, type ExitCode } from '../../base/errors/exit-codes.ts';
import { NS_PER_MS, NS_PER_SECOND, sleep, type Clock } from '../../base/time/clock.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { loadDriver, type DriverName } from '../../drivers/registry.ts';
import type { Share } from '../../load/pacing/share.ts';
import type { RunFolder } from '../../results/run-folder.ts';
import type { Result } from '../../results/schema/result.ts';
import type { ResolvedScenario, ResolvedTrial } from '../../scenario/resolved.ts';
import type { CeilingOf } from './ceiling-use.ts';
import type { RunObserver } from './observer.ts';
import { recordTrial, type RecordedTrialParts, type TrialSummary } from './record-trial.ts';
import { RunServers } from './run-servers.ts';
import type { StopRequests } from './stop-requests.ts';

export interface RunParts {
  readonly scenario: ResolvedScenario;
  readonly folder: RunFolder;
  readonly workers: number;
  /** This process among those that carry the plan, from 0; alone where it is not given. */
  readonly shard?: Share | undefined;
  /** S of the first trial on the wall clock, where it is asked for. */
  readonly startAtMs?: number | undefined;
  /** Whether the raw log of all operations is to be written. */
  readonly keepSamples?: boolean;
  /** What this machine can send of a trial's requests, where that was measured. */
  readonly ceilingOf?: CeilingOf;
  readonly clock: Clock;
  readonly stop: StopRequests;
  readonly observer: RunObserver;
  /** Live outputs, asked at the end of a trial how they fared. */
  readonly outputs?: RecordedTrialParts['outputs'];
  /** Judges all trials together; its exit code counts as that of another trial. */
  readonly judge?: ((trials: readonly TrialSummary[]) => ExitCode) | undefined;
}

export interface RunSummary {
  readonly trials: readonly TrialSummary[];
  readonly exitCode: ExitCode;
}

/** Runs the trials of a scenario one after the other; the worst exit code is the run's. */
export async function runScenario(parts: RunParts): Promise<RunSummary> {
  const { scenario, folder, stop, observer } = parts;
  const definitions = await loadDefinitions(scenario);
  let output: (server: string, line: string) => void = () => {};
  const servers = new RunServers(parts.clock, {
    status: (text) => observer.status(text),
    output: (server, line) => output(server, line),
  });
  const trials: TrialSummary[] = [];
  try {
    for (const trial of scenario.trials) {
      if (trials.length > 0) await pause(parts);
      if (stop.drain) break;
      const summary = await recordTrial({
        ...parts,
        shard: parts.shard ?? { index: 0, count: 1 },
        startAtMs: trials.length === 0 ? parts.startAtMs : undefined,
        keepSamples: parts.keepSamples ?? false,
        trial,
        trialCount: scenario.trials.length,
        definitions,
        servers,
        onOutput: (listener) => (output = listener),
      });
      trials.push(summary);
      if (endsTheRun(summary)) break;
      if (scenario.between?.stopOnFail === true && summary.exitCode !== EXIT_CODES.ok) break;
    }
  } finally {
    await servers.stop();
  }
  const complete = trials.length === scenario.trials.length;
  const codes = trials.map(({ exitCode }) => exitCode);
  if (complete && parts.judge !== undefined) codes.push(parts.judge(trials));
  const exitCode = worstExitCode(stop.drain ? [...codes, EXIT_CODES.interrupted] : codes);
  folder.close({ state: stateOf(trials, complete, stop), exitCode });
  return { trials, exitCode };
}

/** Between two trials, so that what one left in the system is gone before the next; Ctrl+C ends it. */
async function pause({ scenario, clock, stop, observer }: RunParts): Promise<void> {
  const pauseNs = scenario.between?.pauseNs ?? 0;
  if (pauseNs === 0) return;
  observer.status(`Pausing for ${pauseNs / NS_PER_SECOND} s before the next trial …`);
  const endNs = clock.nowNs() + pauseNs;
  while (!stop.drain && clock.nowNs() < endNs) {
    await sleep(clock, Math.min(STOP_NOTICED_MS, (endNs - clock.nowNs()) / NS_PER_MS));
  }
}

/** How late a pause may notice that the run is to stop. */
const STOP_NOTICED_MS = 100;

/** By driver name. */
async function loadDefinitions(
  scenario: ResolvedScenario,
): Promise<ReadonlyMap<string, DriverDefinition>> {
  const definitions = new Map<string, DriverDefinition>();
  for (const name of driversOf(scenario.trials)) {
    definitions.set(name, await loadDriver(name as DriverName));
  }
  return definitions;
}

function driversOf(trials: readonly ResolvedTrial[]): ReadonlySet<string> {
  return new Set(trials.flatMap(({ targets }) => Object.values(targets).map((one) => one.driver)));
}

/** A trial that could not be run, or written, says that the next one cannot either. */
function endsTheRun({ exitCode, error }: TrialSummary): boolean {
  return (
    exitCode === EXIT_CODES.interrupted || (error !== undefined && error.code !== 'WORKER_LOST')
  );
}

function stateOf(
  trials: readonly TrialSummary[],
  all: boolean,
  stop: StopRequests,
): Result['state'] {
  if (stop.drain) return 'interrupted';
  return all && trials.every(({ result }) => result?.state === 'complete')
    ? 'complete'
    : 'incomplete';
}
