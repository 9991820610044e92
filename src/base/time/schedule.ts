import { libc } from './libc.ts';

// sched_setattr(2): numbers of the calls, and `struct sched_attr` up to its period.
const CALLS: Readonly<Partial<Record<string, { readonly set: bigint; readonly get: bigint }>>> = {
  x64: { set: 314n, get: 315n },
  arm64: { set: 274n, get: 275n },
};
const SCHED_ATTR_BYTES = 48;
const WORD = { policy: 1, nice: 4, slice: 6 } as const;

export const POLICY = { other: 0, batch: 3 } as const;

/** How Linux schedules a thread of this process. */
export class Schedule {
  readonly #attributes = new ArrayBuffer(SCHED_ATTR_BYTES);
  readonly #words = new Int32Array(this.#attributes);

  /** `thread`: 0 is the calling one. Undefined where it is not to be learnt. */
  static of(thread: number): Schedule | undefined {
    const c = libc();
    const calls = CALLS[process.arch];
    if (c === undefined || calls === undefined) return undefined;
    const found = new Schedule();
    const address = c.addressOf(found.#attributes);
    const error = c.syscall(calls.get, BigInt(thread), address, BigInt(SCHED_ATTR_BYTES), 0n);
    return error === 0n ? found : undefined;
  }

  get policy(): number {
    return this.#words[WORD.policy]!;
  }

  get nice(): number {
    return this.#words[WORD.nice]!;
  }

  /** The same with other values; slices are ns and below 4 s. */
  with(values: Readonly<Partial<Record<keyof typeof WORD, number>>>): Schedule {
    const other = new Schedule();
    other.#words.set(this.#words);
    for (const [name, value] of Object.entries(values)) {
      other.#words[WORD[name as keyof typeof WORD]] = value;
    }
    return other;
  }

  /** False where the kernel refused. */
  applyTo(thread: number): boolean {
    const c = libc()!;
    const { set } = CALLS[process.arch]!;
    return c.syscall(set, BigInt(thread), c.addressOf(this.#attributes), 0n, 0n) === 0n;
  }
}
