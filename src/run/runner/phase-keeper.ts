import type { Clock } from '../../base/time/clock.ts';
import { MEASURE, WARMUP } from '../../measure/metrics/outcome.ts';
import type { ControlBlock } from '../messages.ts';
import type { Minima } from '../../load/executors/load-model.ts';
import type { StopSignal } from './stop-requests.ts';

/** How far ahead an instant is published, so that every worker knows it before it comes. */
const PUBLISHED_AHEAD_NS = 200_000_000;
/** After an interrupt, how long a worker may take to give up before its thread is ended. */
const GIVE_UP_NS = 2_000_000_000;

/** What the load says about the length of its phases. */
export interface PhaseRules {
  readonly warmup: { readonly durationNs?: number; readonly iterations?: number } | undefined;
  /** Undefined: the load ends by itself. */
  readonly measureNs: number | undefined;
  readonly gracefulStopNs: number;
  /** T1 comes when both hold, if not before with `measureNs`. */
  readonly minima?: Minima;
}

/**
 * Publishes the instants of a trial: S when all sessions are open, T0 when the warm-up is over, T1,
 * a stop, and the interrupt of what is still open `gracefulStop` later.
 */
export class PhaseKeeper {
  readonly #control: ControlBlock;
  readonly #clock: Clock;
  readonly #rules: PhaseRules;
  readonly #stop: StopSignal;
  #interruptedAtNs: number | undefined;

  constructor(parts: { control: ControlBlock; clock: Clock; rules: PhaseRules; stop: StopSignal }) {
    this.#control = parts.control;
    this.#clock = parts.clock;
    this.#rules = parts.rules;
    this.#stop = parts.stop;
  }

  /**
   * S, at least 200 ms ahead, or when it is asked for if that is later; T0 with it unless the
   * warm-up is counted in iterations.
   */
  start(askedNs = 0): void {
    const startNs = Math.max(this.#clock.nowNs() + PUBLISHED_AHEAD_NS, askedNs);
    const warmup = this.#rules.warmup;
    if (warmup === undefined) this.#beginMeasure(startNs);
    else if (warmup.durationNs !== undefined) this.#beginMeasure(startNs + warmup.durationNs);
    this.#control.publishStart(startNs);
  }

  /** To be called several times a second, with the iterations of each phase that ended. */
  tick(ended: (phase: number) => number): void {
    const nowNs = this.#clock.nowNs();
    const wanted = this.#rules.warmup?.iterations;
    const measureKnown = Number.isFinite(this.#control.phaseStartNs(MEASURE));
    if (!measureKnown && wanted !== undefined && ended(WARMUP) >= wanted) {
      this.#beginMeasure(nowNs + PUBLISHED_AHEAD_NS);
    }
    if (measureKnown) this.#endByMinima(ended, nowNs);
    if (this.#stop.drain) this.#control.publishStop(nowNs);
    const endNs = Math.min(this.#control.stopNs, this.#control.phaseEndNs(MEASURE));
    if (this.#stop.atOnce || nowNs >= endNs + this.#rules.gracefulStopNs) this.#interrupt(nowNs);
  }

  /** Ends the load now, as its own end would: what runs is drained for `gracefulStop`. */
  endLoad(): void {
    this.#control.publishStop(this.#clock.nowNs());
  }

  /** True when an interrupt has gone unheard for so long that threads must be ended. */
  get unheard(): boolean {
    if (this.#interruptedAtNs === undefined) return false;
    return this.#clock.nowNs() > this.#interruptedAtNs + GIVE_UP_NS;
  }

  get phase(): 'starting' | 'warmup' | 'measure' | 'drain' {
    const nowNs = this.#clock.nowNs();
    if (nowNs < this.#control.phaseStartNs(WARMUP)) return 'starting';
    if (nowNs >= Math.min(this.#control.stopNs, this.#control.phaseEndNs(MEASURE))) return 'drain';
    return nowNs < this.#control.phaseStartNs(MEASURE) ? 'warmup' : 'measure';
  }

  #beginMeasure(t0Ns: number): void {
    const { measureNs = Number.POSITIVE_INFINITY, minima } = this.#rules;
    this.#control.publishMeasure(t0Ns, t0Ns + measureNs, minima !== undefined);
  }

  #endByMinima(ended: (phase: number) => number, nowNs: number): void {
    const { minima, measureNs = Number.POSITIVE_INFINITY } = this.#rules;
    if (minima === undefined) return;
    const t0Ns = this.#control.phaseStartNs(MEASURE);
    const latestNs = t0Ns + measureNs;
    const holds = ended(MEASURE) >= minima.iterations;
    if (!holds && nowNs + PUBLISHED_AHEAD_NS < latestNs) return;
    const soonestNs = Math.max(t0Ns + minima.durationNs, nowNs + PUBLISHED_AHEAD_NS);
    this.#control.publishEnd(Math.min(soonestNs, latestNs));
  }

  #interrupt(nowNs: number): void {
    if (this.#interruptedAtNs !== undefined) return;
    this.#interruptedAtNs = nowNs;
    this.#control.publishStop(nowNs);
    this.#control.publishInterrupt();
  }
}
