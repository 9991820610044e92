import fc from 'fast-check';
import { Histogram } from '../../../src/measure/metrics/histogram.ts';
import { LAYOUTS } from '../../../src/measure/metrics/histogram-layout.ts';
import type { RecordedInterval } from '../../../src/measure/metrics/interval-collector.ts';
import {
  ITERATION_OUTCOMES,
  MEASURE,
  OUTCOMES,
  PHASES,
  WARMUP,
  type Outcome,
} from '../../../src/measure/metrics/outcome.ts';
import type { SeriesPlan } from '../../../src/measure/metrics/series-layout.ts';
import { firstByte, MS, RecordedWorld, SECOND, type OperationStamps } from './recorded-world.ts';

/** Two flows, of two steps and of one; the first step of the first flow has an own tag. */
export const randomPlan: SeriesPlan = {
  flows: [
    { name: 'main', tags: {} },
    { name: 'probe', tags: {} },
  ],
  lanes: [
    { flow: 0, step: 'embed', target: 'e', tags: { tenant: 'free' }, phases: [firstByte] },
    { flow: 0, step: 'embed', target: 'e', tags: { tenant: 'pro' }, phases: [firstByte] },
    { flow: 0, step: 'knn', target: 'v', tags: {}, phases: [] },
    { flow: 1, step: 'ping', target: 'v', tags: {}, phases: [] },
  ],
};

const LANES_OF_FLOW = [[0, 1, 2], [3]];
const SLOTS = 3;

/** The more often a kind stands here, the more often it happens. */
const KINDS = `start start attempt attempt finish finish finish end end turn turn poll unsent wait
  die`.split(/\s+/);

/** What may happen next; numbers choose among what is possible at that moment. */
export const happenings = fc.array(
  fc.record({
    kind: fc.constantFrom(...KINDS),
    worker: fc.nat(),
    choice: fc.nat(),
    /** Often many in a second, sometimes several seconds between two. */
    stepNs: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 400 * MS }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 * SECOND }) },
    ),
    latencyNs: fc.integer({ min: 0, max: 3 * SECOND }),
    /** How long before now an answer was stamped: beyond the last flip it is recorded late. */
    delayNs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 500 * MS })),
  }),
  { maxLength: 250 },
);
export type Happening = typeof happenings extends fc.Arbitrary<(infer One)[]> ? One : never;

/** A slot that runs an iteration, and perhaps an operation of it. */
interface Busy {
  readonly phase: number;
  readonly flow: number;
  readonly intendedNs: number;
  lane?: number;
}

export interface EndedOperation {
  readonly phase: number;
  readonly lane: number;
  readonly doneNs: number;
  readonly outcome: Outcome;
  readonly responseNs: number;
  readonly firstByteNs: number;
}

/**
 * Plays random happenings on real recorders and keeps a plain list of everything that happened: the
 * recount that totals, rows and accounts are held against.
 */
export class RandomLoad {
  readonly world: RecordedWorld;
  readonly rows: RecordedInterval[] = [];
  readonly ended: EndedOperation[] = [];
  /** By phase. */
  readonly counts = PHASES.map(() => ({ due: 0, started: 0, unsent: 0, attempted: 0, lost: 0 }));
  readonly iterations = PHASES.map(() => ITERATION_OUTCOMES.map(() => 0));
  nowNs = 10 * SECOND;
  readonly #busy: Map<string, Busy>[];
  readonly #waiting: number[][];
  readonly #dead = new Set<number>();

  constructor(workers: number, warmupNs: number, measureNs: number) {
    this.world = new RecordedWorld({ plan: randomPlan, workers, slotCount: SLOTS });
    const startNs = this.nowNs;
    const t0Ns = startNs + warmupNs;
    this.world.begin({ startNs, t0Ns, t1Ns: t0Ns + measureNs });
    this.#busy = this.world.workers.map(() => new Map());
    this.#waiting = this.world.workers.map(() => [0, 0, 0, 0]);
  }

  play(all: readonly Happening[]): void {
    for (const happening of all) {
      this.nowNs += happening.stepNs;
      const worker = happening.worker % this.world.workers.length;
      if (happening.kind === 'poll') this.#poll();
      else if (!this.#dead.has(worker)) this.#happen(worker, happening);
    }
  }

  /** Every worker that lives ends what is open and closes; the runner collects the rest. */
  finish(): void {
    this.world.workers.forEach((recorder, worker) => {
      if (this.#dead.has(worker)) return;
      for (const [slot, busy] of this.#slots(worker)) this.#interrupt(worker, slot, busy);
      this.#waiting[worker]!.forEach((count, index) => {
        if (count > 0) this.#unsent(worker, index, count);
      });
      recorder.close(this.nowNs);
    });
    this.rows.push(...this.world.collector.finish());
  }

  /** All samples of `response_time` with this outcome, recounted. */
  responseTimes(phase: number, lane: number, ok: boolean): Histogram {
    const histogram = new Histogram(LAYOUTS.standard);
    for (const operation of this.ended) {
      const { outcome } = operation;
      const isOk = outcome === 'ok';
      if (operation.phase !== phase || operation.lane !== lane || isOk !== ok) continue;
      if (outcome === 'cancelled' || outcome === 'interrupted') continue;
      histogram.record(operation.responseNs);
    }
    return histogram;
  }

  #happen(worker: number, { kind, choice, latencyNs, delayNs }: Happening): void {
    const recorder = this.world.workers[worker]!;
    const slots = this.#slots(worker);
    const idle = slots.filter(([, busy]) => busy.lane === undefined);
    const inFlight = slots.filter(([, busy]) => busy.lane !== undefined);
    if (kind === 'start') this.#start(worker, choice);
    if (kind === 'attempt' && idle.length > 0)
      this.#attempt(worker, idle[choice % idle.length]!, choice);
    if (kind === 'end' && idle.length > 0)
      this.#end(worker, idle[choice % idle.length]!, choice % 3);
    if (kind === 'finish' && inFlight.length > 0) {
      const [slot, busy] = inFlight[choice % inFlight.length]!;
      const outcome = OUTCOMES[choice % 3 === 0 ? choice % OUTCOMES.length : 0]!;
      this.#finish(worker, slot, busy, { outcome, latencyNs, delayNs });
    }
    if (kind === 'turn') recorder.turn(this.nowNs);
    if (kind === 'unsent') this.#unsent(worker, (choice % 2) + 2 * this.#phase(), 1 + (choice % 4));
    if (kind === 'wait') this.#wait(worker, (choice % 2) + 2 * this.#phase(), choice % 5);
    if (kind === 'die' && choice % 8 === 0) this.#die(worker);
  }

  #start(worker: number, choice: number): void {
    const flow = choice % 2;
    const vu = choice % SLOTS;
    const key = `${flow} ${vu}`;
    if (this.#busy[worker]!.has(key)) return;
    const phase = this.#phase();
    this.world.workers[worker]!.due(phase, flow, 1);
    this.world.workers[worker]!.started(phase, flow, vu);
    this.#busy[worker]!.set(key, { phase, flow, intendedNs: this.nowNs });
    this.counts[phase]!.due++;
    this.counts[phase]!.started++;
  }

  #attempt(worker: number, [slot, busy]: [number, Busy], choice: number): void {
    const lanes = LANES_OF_FLOW[busy.flow]!;
    busy.lane = lanes[choice % lanes.length]!;
    this.world.workers[worker]!.attempted(busy.phase, busy.lane, slot);
    this.counts[busy.phase]!.attempted++;
  }

  #finish(
    worker: number,
    slot: number,
    busy: Busy,
    answer: { outcome: Outcome; latencyNs: number; delayNs: number },
  ): void {
    const { phase } = busy;
    const lane = busy.lane!;
    const startNs = this.world.times.phaseStartNs(phase);
    const done = Math.max(startNs, this.nowNs - answer.delayNs);
    const intended = done - answer.latencyNs;
    const firstByteNs = answer.latencyNs / 2;
    const stamps: OperationStamps = { intended, done, outcome: answer.outcome, firstByteNs };
    this.world.finish(stamps, { worker, phase, lane, slot });
    delete busy.lane;
    this.ended.push({
      phase,
      lane,
      doneNs: done,
      outcome: answer.outcome,
      responseNs: answer.latencyNs,
      firstByteNs,
    });
  }

  #end(worker: number, [slot, busy]: [number, Busy], outcome: number): void {
    const responseTimeNs = this.nowNs - busy.intendedNs;
    this.world.workers[worker]!.ended(busy.phase, busy.flow, slot, { outcome, responseTimeNs });
    this.#busy[worker]!.delete(`${busy.flow} ${slot}`);
    this.iterations[busy.phase]![outcome]!++;
  }

  #interrupt(worker: number, slot: number, busy: Busy): void {
    if (busy.lane !== undefined) {
      this.#finish(worker, slot, busy, { outcome: 'interrupted', latencyNs: 0, delayNs: 0 });
    }
    this.#end(worker, [slot, busy], ITERATION_OUTCOMES.indexOf('interrupted'));
  }

  /** `index`: flow + 2 × phase. */
  #wait(worker: number, index: number, count: number): void {
    const before = this.#waiting[worker]![index]!;
    const phase = index >> 1;
    this.world.workers[worker]!.waiting(phase, index % 2, before + count);
    this.world.workers[worker]!.due(phase, index % 2, count);
    this.#waiting[worker]![index] = before + count;
    this.counts[phase]!.due += count;
  }

  #unsent(worker: number, index: number, count: number): void {
    const phase = index >> 1;
    const recorder = this.world.workers[worker]!;
    const given = Math.min(count, this.#waiting[worker]![index]!);
    this.#waiting[worker]![index]! -= given;
    recorder.waiting(phase, index % 2, this.#waiting[worker]![index]!);
    recorder.unsent(phase, index % 2, 0, given);
    this.counts[phase]!.unsent += given;
  }

  #die(worker: number): void {
    this.#dead.add(worker);
    for (const [, busy] of this.#slots(worker)) {
      this.iterations[busy.phase]![ITERATION_OUTCOMES.indexOf('interrupted')]!++;
      if (busy.lane !== undefined) this.counts[busy.phase]!.lost++;
    }
    this.#waiting[worker]!.forEach((count, index) => (this.counts[index >> 1]!.unsent += count));
    this.counts[MEASURE]!.due += 7;
    this.counts[MEASURE]!.unsent += 7;
    this.world.collector.closeLostWorker(worker, [{ phase: MEASURE, flow: 1, count: 7 }]);
  }

  #poll(): void {
    this.rows.push(...this.world.collector.poll());
  }

  #phase(): number {
    return this.nowNs < this.world.times.t0Ns ? WARMUP : MEASURE;
  }

  #slots(worker: number): [number, Busy][] {
    return [...this.#busy[worker]!].map(([key, busy]) => [Number(key.split(' ')[1]), busy]);
  }
}
