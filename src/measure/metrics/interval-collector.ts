import { NS_PER_SECOND } from '../../base/time/clock.ts';
import { accountOf } from './account.ts';
import { IntervalData } from './interval-data.ts';
import type { Account, Interval } from './interval.ts';
import { settleLostWorker, type RemainingPlan } from './lost-worker.ts';
import { MetricStore } from './metric-store.ts';
import { OpenSlots } from './open-slots.ts';
import { MEASURE, PHASES, WARMUP } from './outcome.ts';
import { PhaseMerger, type MergedRows } from './phase-merger.ts';
import { PhaseReader } from './phase-reader.ts';
import type { PhaseTimes } from './phase-times.ts';
import { FLOW_COUNTER, type SeriesLayout } from './series-layout.ts';
import type { SharedRecorder } from './shared-recorder.ts';

/** A row with its series at hand, for those who write them. */
export interface RecordedInterval extends Interval {
  readonly metrics: MetricStore;
}

/**
 * The runner's side of recording: reads what the workers have published, merges it second by
 * second and adds it up. `poll` several times a second; a worker whose rows wait for longer than a
 * second writes rows that cover several.
 */
export class IntervalCollector {
  /** The whole trial so far, both phases. */
  readonly total: MetricStore;
  readonly #layout: SeriesLayout;
  readonly #times: PhaseTimes;
  readonly #openSlots: readonly OpenSlots[];
  readonly #phases: readonly CollectedPhase[];

  constructor(layout: SeriesLayout, recorders: readonly SharedRecorder[], times: PhaseTimes) {
    this.#layout = layout;
    this.#times = times;
    this.total = MetricStore.empty(layout);
    this.#openSlots = recorders.map((recorder) => new OpenSlots(layout, recorder));
    this.#phases = PHASES.map((_, phase) => {
      const readers = recorders.map((recorder) => new PhaseReader(layout, recorder.phases[phase]!));
      const totals = readers.map(() => new Float64Array(layout.counters.length));
      return { readers, merger: new PhaseMerger(readers), totals };
    });
  }

  /** The rows that every worker has published since the call before, warm-up first. */
  poll(): RecordedInterval[] {
    return this.#phases.flatMap((collected, phase) =>
      [...collected.merger.take()]
        .filter((merged) => !this.#isIdle(phase, merged))
        .map((merged) => this.#interval(phase, merged)),
    );
  }

  /**
   * Closes the account of a worker whose thread has ended without `close`: its open operations and
   * running iterations are interrupted, and what was waiting and `remaining` of its plan is
   * unsent{worker_lost}. What it had recorded is kept.
   */
  closeLostWorker(worker: number, remaining: readonly RemainingPlan[] = []): void {
    this.#phases.forEach(({ merger }, phase) => {
      const ofPhase = remaining.filter((plan) => plan.phase === phase);
      merger.closeLost(worker, (live) => settleLostWorker(this.#layout, live, ofPhase));
    });
  }

  /**
   * The rows that are left, once every thread has ended; a worker that has not closed is closed as
   * lost. `measureEndNs`: the end that rates are taken over where it is not T1, after a stop.
   */
  finish(measureEndNs?: number): RecordedInterval[] {
    for (const [worker] of this.#openSlots.entries()) {
      const closed = this.#phases.every(({ readers }) => readers[worker]!.closed);
      if (!closed) this.closeLostWorker(worker);
    }
    const rows = this.poll();
    const t1Ns = this.#times.phaseEndNs(MEASURE);
    const endNs = measureEndNs ?? (Number.isFinite(t1Ns) ? t1Ns : this.lastDoneNs(MEASURE));
    this.#coverUntil(endNs);
    return rows;
  }

  /** True when no more rows will come. */
  get complete(): boolean {
    return this.#phases.every(({ readers }) => readers.every(({ closed }) => closed));
  }

  /** The account of all rows of a phase that were handed out. */
  account(phase: number): Account {
    return accountOf(this.#layout, this.#sum(this.#phases[phase]!.totals));
  }

  /**
   * The account at this moment, for a live view: read while the workers count, so that it need not
   * balance.
   */
  live(phase: number): Account {
    const live = this.#phases[phase]!.readers.map((reader) => reader.live.slice());
    live.forEach((counters, worker) => this.#openSlots[worker]!.setLevels(phase, counters));
    return accountOf(this.#layout, this.#sum(live));
  }

  /** Iterations that came due so far in one worker: what a lost worker's plan had reached. */
  dueOf(worker: number, phase: number, flow: number): number {
    const { counterBase } = this.#layout.flows[flow]!;
    return this.#phases[phase]!.readers[worker]!.live[counterBase + FLOW_COUNTER.due]!;
  }

  /** When the last operation of the phase ended, in clock ns; 0 when none has. */
  lastDoneNs(phase: number): number {
    return Math.max(...this.#phases[phase]!.readers.map((reader) => reader.lastDoneNs));
  }

  #interval(phase: number, merged: MergedRows): RecordedInterval {
    const { fromNs, toNs } = Number.isFinite(merged.fromNs) ? merged : this.#instant(phase);
    const data = this.#mergedData(phase, merged);
    const durationNs = toNs - fromNs;
    const name = PHASES[phase]!;
    const metrics = MetricStore.fromInterval(data, name, durationNs / NS_PER_SECOND);
    this.total.add(metrics);
    if (phase === MEASURE) this.#coverUntil(Math.min(toNs, this.#times.phaseEndNs(MEASURE)));
    const startNs = this.#instant(phase).fromNs;
    return {
      phase: name,
      ...secondsBetween(fromNs - startNs, toNs - startNs),
      startedAtNs: fromNs,
      durationNs,
      metrics,
      account: this.account(phase),
    };
  }

  /** The beginning of a phase, or the last known instant before it where it never began. */
  #instant(phase: number): { fromNs: number; toNs: number } {
    const known = [phase, WARMUP].map((one) => this.#times.phaseStartNs(one));
    const atNs = known.find(Number.isFinite) ?? 0;
    return { fromNs: atNs, toNs: atNs };
  }

  #mergedData(phase: number, { rows }: MergedRows): IntervalData {
    const { totals } = this.#phases[phase]!;
    // The row of a lone worker is nobody else's, and is taken as it is.
    const data = rows.length === 1 ? rows[0]!.row.data : new IntervalData(this.#layout);
    for (const { worker, row } of rows) {
      if (row.data !== data) data.add(row.data);
      totals[worker] = row.totals;
    }
    // Levels are those at the end, over all workers, and no sum over the rows of one.
    const levels = this.#sum(totals);
    this.#layout.counters.forEach(({ declaration }, index) => {
      if (declaration.kind === 'gauge') data.counters[index] = levels[index]!;
    });
    return data;
  }

  /**
   * Rows that nobody misses: after T0 the warm-up has rows only for as long as its stragglers end,
   * and a worker that closes at the end of a second leaves one of no length.
   */
  #isIdle(phase: number, { fromNs, toNs, rows }: MergedRows): boolean {
    const ofStragglers = phase === WARMUP && fromNs >= this.#times.phaseEndNs(WARMUP);
    if (!ofStragglers && toNs > fromNs) return false;
    return rows.every(({ row }) => row.data.isEmpty);
  }

  #coverUntil(endNs: number): void {
    const startNs = this.#times.phaseStartNs(MEASURE);
    this.total.durationSeconds = Math.max(0, endNs - startNs) / NS_PER_SECOND;
  }

  #sum(counters: readonly Float64Array[]): Float64Array {
    const sum = new Float64Array(this.#layout.counters.length);
    for (const one of counters) one.forEach((count, index) => (sum[index]! += count));
    return sum;
  }
}

interface CollectedPhase {
  readonly readers: readonly PhaseReader[];
  readonly merger: PhaseMerger;
  /** By worker: counters and levels at the end of its last row that was merged. */
  readonly totals: Float64Array[];
}

/** The whole seconds of a phase that lie between two times since its beginning. */
function secondsBetween(fromNs: number, toNs: number): { second: number; seconds: number } {
  // Both are multiples of a second, or cuts; a microsecond absorbs the rounding of the sums.
  const second = Math.floor((fromNs + 1_000) / NS_PER_SECOND);
  const end = Math.ceil((toNs - 1_000) / NS_PER_SECOND);
  return { second, seconds: Math.max(1, end - second) };
}
