import { sleep, type Clock } from '../../base/time/clock.ts';
import { countArrivals } from '../../load/executors/phase-plan.ts';
import { modelOf, type PhaseLoad } from '../../load/executors/registry.ts';
import type { Share } from '../../load/pacing/share.ts';
import { MEASURE, PHASES, WARMUP } from '../../measure/metrics/outcome.ts';
import type { ShardFacts } from '../../results/schema/shard.ts';
import type { TrialOpening } from '../../results/write/trial-facts.ts';
import type { ResolvedFlow, ResolvedTrial } from '../../scenario/resolved.ts';
import type { RunObserver } from './observer.ts';
import type { StopRequests } from './stop-requests.ts';

/** Sessions open so long before a start that was asked for: many servers close idle ones later. */
const PREPARE_AHEAD_MS = 30_000;
const LOOK_EVERY_MS = 100;

interface StartParts {
  readonly shard: Share;
  readonly startAtMs?: number | undefined;
  readonly clock: Clock;
  readonly stop: StopRequests;
  readonly observer: Pick<RunObserver, 'status'>;
}

/** What results keep of a run that is a part of several. */
export function shardOpening(
  { shard, startAtMs }: Pick<StartParts, 'shard' | 'startAtMs'>,
  trial: ResolvedTrial,
): Pick<TrialOpening, 'shard' | 'startAskedAt'> {
  return {
    ...(shard.count > 1 && { shard: factsOf(shard, trial) }),
    ...(startAtMs !== undefined && { startAskedAt: new Date(startAtMs).toISOString() }),
  };
}

/** Waits while the start that was asked for is far away; a stop request ends the wait. */
export async function untilNearStart(parts: StartParts): Promise<void> {
  const { startAtMs, clock, stop, observer } = parts;
  if (startAtMs === undefined || startAtMs - clock.wallMs() <= PREPARE_AHEAD_MS) return;
  observer.status(`Waiting for the start at ${new Date(startAtMs).toISOString()} …`);
  while (!stop.drain && startAtMs - clock.wallMs() > PREPARE_AHEAD_MS) {
    await sleep(clock, LOOK_EVERY_MS);
  }
}

function factsOf(shard: Share, trial: ResolvedTrial): ShardFacts {
  return {
    index: shard.index + 1,
    count: shard.count,
    planned: trial.flows.flatMap((flow) => plannedOf(flow, trial.seed)),
    thresholds: trial.thresholds.map(({ aggregate, ...spec }) => ({
      ...spec,
      tags: { ...spec.tags },
      ...(aggregate && { aggregate }),
    })),
  };
}

/** A warm-up that is counted in iterations plans no number of arrivals. */
function plannedOf({ name, load }: ResolvedFlow, seed: number): ShardFacts['planned'] {
  const warmup = load.warmup?.durationNs === undefined ? undefined : load.warmup.load;
  const phases: readonly (readonly [number, PhaseLoad | undefined])[] = [
    [WARMUP, warmup],
    [MEASURE, load],
  ];
  return phases.flatMap(([phase, phaseLoad]) => {
    const model = phaseLoad && modelOf(phaseLoad);
    if (model?.kind !== 'open' || model.minima !== undefined) return [];
    const arrivals = countArrivals(model, { seed, flowName: name, phase });
    return arrivals === undefined ? [] : [{ flow: name, phase: PHASES[phase]!, arrivals }];
  });
}
