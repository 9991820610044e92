import { NS_PER_MS, type Cancel, type Clock } from './clock.ts';

/** Width of a bucket: no timer fires more than this after its deadline, the clock's own delay apart. */
export const WHEEL_TICK_NS: number = NS_PER_MS;
/** One turn of the wheel is 65.5 s, so that timeouts of usual length are looked at once. */
const BUCKETS = 65_536;
const BUCKET_MASK = BUCKETS - 1;
/** List of the timers that expired and whose owner has not been told yet. */
const DUE = BUCKETS;
const NONE = -1;

/** Tells the owner that its timer `index` (counted from 0 within the owner) expired. */
export type OnExpire = (index: number) => void;

/**
 * Timers of one worker: arming and cancelling cost a few array writes and allocate nothing, since
 * nearly every request arms one and nearly every answer cancels it. A hashed wheel of doubly linked
 * lists (Varghese and Lauck, scheme 6) that sleeps until the next bucket in use instead of ticking.
 *
 * A timer never fires before its deadline, and at most `WHEEL_TICK_NS` after it as far as the clock
 * wakes in time.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #heads = new Int32Array(BUCKETS + 1).fill(NONE);
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  /** The list a timer stands in, or NONE while it is not armed. */
  #list = new Int32Array(0);
  #deadlines = new Float64Array(0);
  readonly #owners: { readonly first: number; readonly onExpire: OnExpire }[] = [];
  #ownerOf = new Int32Array(0);
  #armed = 0;
  /** All buckets up to this tick have been looked at. */
  #lastTick = 0;
  #wakeTick = Number.POSITIVE_INFINITY;
  #cancelWake: Cancel | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastTick = Math.floor(clock.nowNs() / WHEEL_TICK_NS);
  }

  /** Timers that are armed now. */
  get armed(): number {
    return this.#armed;
  }

  /** Makes `count` timers that report to `onExpire`; returns the number of the first of them. */
  register(count: number, onExpire: OnExpire): number {
    const first = this.#list.length;
    const owner = this.#owners.push({ first, onExpire }) - 1;
    this.#next = grown(this.#next, count, NONE);
    this.#previous = grown(this.#previous, count, NONE);
    this.#list = grown(this.#list, count, NONE);
    this.#ownerOf = grown(this.#ownerOf, count, owner);
    const deadlines = new Float64Array(first + count);
    deadlines.set(this.#deadlines);
    this.#deadlines = deadlines;
    return first;
  }

  /** Lets `timer` expire at `deadlineNs`; one that is armed is moved. */
  arm(timer: number, deadlineNs: number): void {
    if (this.#list[timer] === NONE) this.#armed++;
    else this.#unlink(timer);
    this.#deadlines[timer] = deadlineNs;
    const tick = Math.max(Math.ceil(deadlineNs / WHEEL_TICK_NS), this.#lastTick + 1);
    this.#link(timer, tick & BUCKET_MASK);
    if (tick < this.#wakeTick) this.#wakeAt(tick);
  }

  /** Nothing happens when the timer is not armed. */
  cancel(timer: number): void {
    if (this.#list[timer] === NONE) return;
    this.#unlink(timer);
    this.#armed--;
  }

  isArmed(timer: number): boolean {
    return this.#list[timer] !== NONE;
  }

  /** Cancels all timers and stops waking. */
  close(): void {
    this.#heads.fill(NONE);
    this.#list.fill(NONE);
    this.#armed = 0;
    this.#sleep();
  }

  #wake(): void {
    this.#sleep();
    const nowNs = this.#clock.nowNs();
    const nowTick = Math.floor(nowNs / WHEEL_TICK_NS);
    // After a pause of more than one turn each bucket is looked at once.
    const firstTick = Math.max(this.#lastTick, nowTick - BUCKETS) + 1;
    this.#lastTick = nowTick;
    for (let tick = firstTick; tick <= nowTick && this.#armed > 0; tick++) {
      this.#expireBucket(tick & BUCKET_MASK, nowNs);
    }
    this.#wakeAtNextBucket();
  }

  #expireBucket(bucket: number, nowNs: number): void {
    // Newest first, and put in front one by one: owners are told in the order of arming.
    for (let timer = this.#heads[bucket]!; timer !== NONE;) {
      const following = this.#next[timer]!;
      if (this.#deadlines[timer]! <= nowNs) {
        this.#unlink(timer);
        this.#link(timer, DUE);
      }
      timer = following;
    }
    // An owner may arm and cancel whatever it likes, timers of this list too.
    for (let timer = this.#heads[DUE]!; timer !== NONE; timer = this.#heads[DUE]!) {
      this.cancel(timer);
      const owner = this.#owners[this.#ownerOf[timer]!]!;
      owner.onExpire(timer - owner.first);
    }
  }

  #wakeAtNextBucket(): void {
    if (this.#armed === 0) return;
    for (let tick = this.#lastTick + 1; tick < this.#wakeTick; tick++) {
      if (this.#heads[tick & BUCKET_MASK] === NONE) continue;
      this.#wakeAt(tick);
      return;
    }
  }

  #wakeAt(tick: number): void {
    this.#sleep();
    this.#wakeTick = tick;
    const delayMs = (tick * WHEEL_TICK_NS - this.#clock.nowNs()) / NS_PER_MS;
    this.#cancelWake = this.#clock.after(Math.max(delayMs, 0), () => this.#wake());
  }

  #sleep(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#wakeTick = Number.POSITIVE_INFINITY;
  }

  #link(timer: number, list: number): void {
    const head = this.#heads[list]!;
    this.#next[timer] = head;
    this.#previous[timer] = NONE;
    if (head !== NONE) this.#previous[head] = timer;
    this.#heads[list] = timer;
    this.#list[timer] = list;
  }

  #unlink(timer: number): void {
    const next = this.#next[timer]!;
    const previous = this.#previous[timer]!;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous === NONE) this.#heads[this.#list[timer]!] = next;
    else this.#next[previous] = next;
    this.#list[timer] = NONE;
  }
}

function grown(array: Int32Array<ArrayBuffer>, by: number, fill: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length + by).fill(fill);
  larger.set(array);
  return larger;
}
