import type { Account } from '../metrics/interval.ts';
import { Histogram } from '../metrics/histogram.ts';
import type { MetricStore } from '../metrics/metric-store.ts';
import { PackedHistogram } from '../metrics/packed-histogram.ts';

/** Beyond so many units neighbours are put together: a bound on memory, and on what tests cost. */
const MOST_UNITS = 128;

/** One second of the measured phase, or several put together. */
export interface KeptUnit {
  readonly ok: number;
  readonly due: number;
  /** Due and not ended, at its end. */
  readonly backlog: number;
  readonly answered: Histogram;
  readonly neverAnswered: number;
}

type PackedUnit = Omit<KeptUnit, 'answered'> & { readonly answered: PackedHistogram };

/**
 * What statistics need of every whole second of the measured phase, in units of 1, 2, 4, … seconds
 * of which there are never more than 128, packed: their histograms would else be the largest thing
 * that a run keeps.
 */
export class KeptSeconds {
  readonly #metric: string;
  readonly #units: PackedUnit[] = [];
  /** Seconds of the unit that is not full. */
  #pending: PackedUnit[] = [];
  #unitSeconds = 1;
  #dueBefore = 0;

  /** `metric`: the latency whose percentiles are to have intervals. */
  constructor(metric: string) {
    this.#metric = metric;
  }

  /** Unpacked anew each time: to be asked for once, at the end. */
  get units(): readonly KeptUnit[] {
    return this.#units.map((unit) => ({ ...unit, answered: unit.answered.unpack() }));
  }

  get unitSeconds(): number {
    return this.#unitSeconds;
  }

  get metric(): string {
    return this.#metric;
  }

  add(row: {
    readonly seconds: number;
    readonly metrics: MetricStore;
    readonly account: Account;
  }): void {
    const { seconds, metrics, account } = row;
    const ranked = metrics.ranked(this.#metric);
    const due = account.due - this.#dueBefore;
    this.#dueBefore = account.due;
    const first: PackedUnit = {
      ok: metrics.counter('ok_in_window'),
      due,
      backlog: account.waiting + account.running,
      answered: new PackedHistogram(ranked.answered as Histogram),
      neverAnswered: ranked.neverAnswered,
    };
    this.#pending.push(first);
    // The seconds of a joined row cannot be told apart: the first has all, which widens intervals.
    for (let more = 1; more < seconds; more++) this.#pending.push(emptyLike(first));
    while (this.#pending.length >= this.#unitSeconds) {
      this.#units.push(joined(this.#pending.splice(0, this.#unitSeconds)));
      if (this.#units.length > MOST_UNITS) this.#halve();
    }
  }

  #halve(): void {
    const units = this.#units.splice(0);
    this.#unitSeconds *= 2;
    const odd = units.length % 2 === 1 ? units.pop() : undefined;
    for (let at = 0; at < units.length; at += 2) this.#units.push(joined(units.slice(at, at + 2)));
    if (odd === undefined) return;
    // Half of a unit: it waits for its other half, as so many seconds of which the first has all.
    const half = this.#unitSeconds / 2;
    const rest = Array.from({ length: half - 1 }, () => emptyLike(odd));
    this.#pending = [odd, ...rest, ...this.#pending];
  }
}

/** A second in which nothing was recorded, with the backlog that there was. */
function emptyLike({ backlog, answered }: PackedUnit): PackedUnit {
  const none = new PackedHistogram(new Histogram(answered.layout));
  return { ok: 0, due: 0, backlog, answered: none, neverAnswered: 0 };
}

function joined(units: readonly PackedUnit[]): PackedUnit {
  const [first] = units;
  if (units.length === 1) return first!;
  const answered = new Histogram(first!.answered.layout);
  let [ok, due, neverAnswered] = [0, 0, 0];
  for (const unit of units) {
    answered.add(unit.answered.unpack());
    ok += unit.ok;
    due += unit.due;
    neverAnswered += unit.neverAnswered;
  }
  const { backlog } = units.at(-1)!;
  return { ok, due, neverAnswered, answered: new PackedHistogram(answered), backlog };
}
