import { EXIT_CODES, worstExitCode, type ExitCode } from '../../base/errors/exit-codes.ts';
import type { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { NS_PER_MS, NS_PER_SECOND, sleep, type Clock } from '../../base/time/clock.ts';
import type { Share } from '../../load/pacing/share.ts';
import type { RunFolder } from '../../results/run-folder.ts';
import type { Result } from '../../results/schema/result.ts';
import type { ResolvedScenario, ResolvedTrial } from '../../scenario/resolved.ts';
import type { CeilingOf } from './ceiling-use.ts';
import { loadDefinitions } from './load-definitions.ts';
import type { RunObserver } from './observer.ts';
import { recordTrial, type RecordedTrialParts, type TrialSummary } from './record-trial.ts';
import { preparationContent, withoutPreparation } from './preparation/preparation-content.ts';
import { failureOf, Preparation } from './preparation/preparation.ts';
import { RunServers } from './run-servers.ts';
import { settingWithoutEffect } from './setting-guard.ts';
import type { StopRequests } from './stop-requests.ts';
import { StorageLooks } from './storage-looks.ts';

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
  /** What only all trials together show. */
  readonly error?: LoadgenError | undefined;
}

/** Runs the trials of a scenario one after the other; the worst exit code is the run's. */
export async function runScenario(parts: RunParts): Promise<RunSummary> {
  const { folder, stop, observer } = parts;
  const shard = parts.shard ?? { index: 0, count: 1 };
  const { scenario, notes } = ofShard(parts.scenario, shard);
  for (const note of notes) observer.status(note);
  const definitions = await loadDefinitions(scenario.trials);
  let output: (server: string, line: string) => void = () => {};
  const servers = new RunServers(parts.clock, {
    status: (text) => observer.status(text),
    output: (server, line) => output(server, line),
  });
  const storage = new StorageLooks({ servers, definitions, clock: parts.clock });
  const preparation = new Preparation({
    ...parts,
    definitions,
    around: (trial, work) => storage.around(trial, work),
  });
  const trials: TrialSummary[] = [];
  let left: LoadgenError | undefined;
  const isEnd = (end: Pick<TrialSummary, 'exitCode' | 'error'>): boolean =>
    endsTheRun(end) || (scenario.between?.stopOnFail === true && end.exitCode !== EXIT_CODES.ok);
  try {
    for (const [index, trial] of scenario.trials.entries()) {
      if (trials.length > 0) await pause(parts);
      if (stop.drain) break;
      const summary = await recordTrial({
        ...parts,
        shard,
        startAtMs: trials.length === 0 ? parts.startAtMs : undefined,
        keepSamples: parts.keepSamples ?? false,
        trial,
        trialCount: scenario.trials.length,
        definitions,
        servers,
        preparation,
        storage,
        isLast: (end) => isEnd(end) || !sharesPreparation(trial, scenario.trials[index + 1]),
        notes,
        onOutput: (listener) => (output = listener),
      });
      trials.push(summary);
      if (isEnd(summary)) break;
    }
    // A run that is stopped between two trials leaves what was prepared.
    left = failureOf(await preparation.after());
  } finally {
    await servers.stop();
  }
  const codes = trials.map(({ exitCode }) => exitCode);
  const idle = settingWithoutEffect(
    trials.map(({ result }, index) => ({ trial: scenario.trials[index]!, result })),
    definitions,
  );
  if (idle !== undefined) {
    codes.push(idle.exitCode);
  }
  const complete = trials.length === scenario.trials.length;
  if (left !== undefined) {
    observer.status(left.message);
    codes.push(left.exitCode);
  }
  if (complete && parts.judge !== undefined) codes.push(parts.judge(trials));
  const exitCode = worstExitCode(stop.drain ? [...codes, EXIT_CODES.interrupted] : codes);
  folder.close({ state: stateOf(trials, complete, stop), exitCode });
  return { trials, exitCode, error: idle };
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

function sharesPreparation(trial: ResolvedTrial, next: ResolvedTrial | undefined): boolean {
  return next !== undefined && preparationContent(next) === preparationContent(trial);
}

/** Shards do not prepare: each would do so for itself, and none waits for another. */
function ofShard(
  scenario: ResolvedScenario,
  shard: Share,
): { scenario: ResolvedScenario; notes: readonly string[] } {
  const isPrepared = ({ prepare, cleanUp }: ResolvedTrial) => (prepare ?? cleanUp) !== undefined;
  if (shard.count === 1 || !scenario.trials.some(isPrepared)) return { scenario, notes: [] };
  return {
    scenario: { ...scenario, trials: scenario.trials.map(withoutPreparation) },
    notes: [
      'Shards run neither prepare nor cleanUp, nor judge thresholds on them: `loadgen prepare` and `loadgen cleanup` do',
    ],
  };
}

/** A trial that could not be run, or written, says that the next one cannot either. */
function endsTheRun({ exitCode, error }: Pick<TrialSummary, 'exitCode' | 'error'>): boolean {
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
