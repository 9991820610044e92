import type { DeliveryCount } from './delivery-count.ts';

/** One item at a time on its way, so many waiting, and none beyond that. */
export class BoundedQueue<Item> {
  readonly #limit: number;
  readonly #count: DeliveryCount;
  readonly #deliver: (item: Item) => Promise<void>;
  #waiting: Item[] = [];
  #working: Promise<void> | undefined;
  #isClosed = false;

  /** `deliver` resolves once an item is where it belongs; rejecting drops the item. */
  constructor(limit: number, count: DeliveryCount, deliver: (item: Item) => Promise<void>) {
    this.#limit = limit;
    this.#count = count;
    this.#deliver = deliver;
  }

  /** Returns at once. */
  push(item: Item): void {
    this.#count.accepted++;
    if (this.#isClosed) this.#count.drop('the run was over');
    else if (this.#waiting.length >= this.#limit) this.#count.drop('it took too long');
    else {
      this.#waiting.push(item);
      this.#working ??= this.#work();
    }
  }

  /** Until nothing waits. */
  async settle(): Promise<void> {
    await this.#working;
  }

  /** Takes nothing more. */
  close(): void {
    this.#isClosed = true;
    this.giveUp();
  }

  /** Drops what waits; what is on its way will still count as one or the other. */
  giveUp(): void {
    this.#count.drop('it took too long', this.#waiting.length);
    this.#waiting = [];
  }

  async #work(): Promise<void> {
    for (let item = this.#waiting.shift(); item !== undefined; item = this.#waiting.shift()) {
      try {
        await this.#deliver(item);
        this.#count.delivered++;
      } catch (thrown) {
        this.#count.drop(thrown);
      }
    }
    this.#working = undefined;
  }
}
