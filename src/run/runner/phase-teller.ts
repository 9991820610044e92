import { NS_PER_MS, type Clock } from '../../base/time/clock.ts';
import { iterationsOfShare, type LoadDescription } from '../../load/executors/describe-load.ts';
import type { IntervalCollector } from '../../measure/metrics/interval-collector.ts';
import { MEASURE, WARMUP } from '../../measure/metrics/outcome.ts';
import type { Share } from '../../load/pacing/share.ts';
import type { ControlBlock } from '../messages.ts';
import type { RunObserver } from './observer.ts';
import type { PhaseKeeper } from './phase-keeper.ts';

/** For bars; reading all counts takes longer than the rest of a tick. */
const TELL_EVERY_NS = 200 * NS_PER_MS;

export interface PhaseTellerParts {
  readonly control: ControlBlock;
  readonly keeper: PhaseKeeper;
  readonly collector: IntervalCollector;
  readonly clock: Clock;
  readonly observer: RunObserver;
  readonly expected: readonly LoadDescription[];
  readonly shard: Share;
  measureBegan(): void;
}

/** Tells who watches in which phase a trial is, and how far. */
export class PhaseTeller {
  readonly #parts: PhaseTellerParts;
  #phase: PhaseKeeper['phase'] = 'starting';
  #toldNs = 0;

  constructor(parts: PhaseTellerParts) {
    this.#parts = parts;
  }

  /** To be called several times a second. */
  tell(): void {
    const { control, keeper, collector, clock, observer, measureBegan } = this.#parts;
    const { phase } = keeper;
    if (phase === 'starting') return;
    const index = phase === 'warmup' ? WARMUP : MEASURE;
    const startNs = control.phaseStartNs(index);
    const isNew = phase !== this.#phase;
    if (isNew) {
      this.#phase = phase;
      if (phase === 'measure') measureBegan();
      const lengthNs = control.phaseEndNs(index) - startNs;
      const known = phase !== 'drain' && Number.isFinite(lengthNs);
      observer.phaseStarted(phase, known ? lengthNs : undefined);
    }
    const nowNs = clock.nowNs();
    if (!isNew && nowNs < this.#toldNs + TELL_EVERY_NS) return;
    this.#toldNs = nowNs;
    const { started, inFlight } = collector.live(index);
    const wanted = phase === 'measure' ? this.#wantedIterations() : undefined;
    observer.tick({ phase, elapsedNs: nowNs - startNs, started, wanted, inFlight });
  }

  /** Iterations that the load asks for, where every flow counts them. */
  #wantedIterations(): number | undefined {
    const counts = this.#parts.expected.map((load) => iterationsOfShare(load, this.#parts.shard));
    return counts.reduce(
      (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
      0,
    );
  }
}
