import { NS_PER_MS, type Clock } from '../../base/time/clock.ts';
import type { Phase } from '../../measure/metrics/outcome.ts';
import type { TrialOutcome } from '../trial-outcome.ts';
import type { ReadShard } from './read-shards.ts';

const PHASE_NAMES = ['warmup', 'measure', 'drain'] as const;

/**
 * The times of a merged result, told on the clock of one shard. Each phase begins when it began
 * there and is as long as it was in the shard where it took longest.
 */
export class MergedTimes {
  readonly #reference: ReadShard;
  readonly #shards: readonly ReadShard[];

  constructor(shards: readonly ReadShard[], reference: ReadShard) {
    this.#shards = shards;
    this.#reference = reference;
  }

  phases(): TrialOutcome['phases'] {
    return PHASE_NAMES.flatMap((phase) => {
      const lengths = this.#shards.flatMap(({ result }) =>
        result.phases.filter((one) => one.phase === phase).map((one) => one.endNs - one.startNs),
      );
      if (lengths.length === 0) return [];
      const startNs = this.phaseStartNs(phase);
      return [{ phase, startNs, endNs: startNs + Math.max(...lengths) }];
    });
  }

  phaseStartNs(phase: Phase | 'drain'): number {
    const own = this.#reference.result.phases.find((one) => one.phase === phase);
    if (own !== undefined) return own.startNs;
    const others = this.#shards.flatMap(({ result }) =>
      result.phases.filter((one) => one.phase === phase),
    );
    const [first] = others.map(({ startedAt }) => Date.parse(startedAt)).toSorted((a, b) => a - b);
    const { wallMs, clockNs } = this.#anchor;
    return first === undefined ? clockNs : clockNs + (first - wallMs) * NS_PER_MS;
  }

  /** The wall time of the load's start. */
  get startedMs(): number {
    return this.#anchor.wallMs;
  }

  get endedMs(): number {
    const { wallMs, clockNs } = this.#anchor;
    const endNs = Math.max(clockNs, ...this.phases().map((phase) => phase.endNs));
    return wallMs + (endNs - clockNs) / NS_PER_MS;
  }

  /** What the files are written with: their times are those of the run, and not of the merging. */
  clock(system: Clock): Clock {
    const { wallMs, clockNs } = this.#anchor;
    return { ...system, wallMs: () => wallMs, nowNs: () => clockNs };
  }

  get #anchor(): { readonly wallMs: number; readonly clockNs: number } {
    const [first] = this.#reference.result.phases;
    if (first === undefined) {
      return { wallMs: Date.parse(this.#reference.meta.startedAt), clockNs: 0 };
    }
    return { wallMs: Date.parse(first.startedAt), clockNs: first.startNs };
  }
}
