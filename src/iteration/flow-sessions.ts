import type { Driver, Session } from '../drivers/driver.ts';

/** Connections that are being opened at a time: more would fill a server's queue of them. */
const CONNECTS_AT_ONCE = 64;

export interface FlowTarget {
  readonly target: string;
  readonly driver: Driver;
}

export interface ConnectReport {
  readonly attempts: number;
  readonly failures: number;
  /** The target of the first failure, and why, as far as its driver says. */
  readonly target?: string;
  readonly reason?: string;
}

/** The sessions of a flow's VUs, one a target, opened when they are first needed. */
export class FlowSessions {
  readonly #targets: readonly FlowTarget[];
  readonly #slotBase: number;
  /** By VU and target. */
  readonly #sessions: (Session | undefined)[];
  #opened = 0;

  constructor(targets: readonly FlowTarget[], slotBase: number, slotCount: number) {
    this.#targets = targets;
    this.#slotBase = slotBase;
    this.#sessions = Array.from({ length: slotCount * targets.length }, () => undefined);
  }

  get opened(): number {
    return this.#opened;
  }

  of(vu: number, target: number): Session {
    const index = vu * this.#targets.length + target;
    return this.#sessions[index] ?? this.#open(index, vu, target);
  }

  /** Connects the sessions of the first `count` VUs. */
  async connect(count: number): Promise<ConnectReport> {
    const attempts = count * this.#targets.length;
    let next = 0;
    let failures = 0;
    let failed: FlowTarget | undefined;
    const connectSome = async (): Promise<void> => {
      while (next < attempts) {
        const index = next++;
        const target = index % this.#targets.length;
        const session = this.of(Math.floor(index / this.#targets.length), target);
        if (await session.connect()) continue;
        failures++;
        failed ??= this.#targets[target]!;
      }
    };
    const lines = Math.min(CONNECTS_AT_ONCE, attempts);
    await Promise.all(Array.from({ length: lines }, connectSome));
    return { attempts, failures, ...(failed && describeFailure(failed)) };
  }

  close(): void {
    for (const session of this.#sessions) session?.close();
  }

  #open(index: number, vu: number, target: number): Session {
    const session = this.#targets[target]!.driver.open(this.#slotBase + vu);
    this.#sessions[index] = session;
    this.#opened++;
    return session;
  }
}

function describeFailure({ target, driver }: FlowTarget): { target: string; reason?: string } {
  const reasons = [...(driver.failureReasons?.() ?? [])];
  const [most] = reasons.toSorted(([, left], [, right]) => right - left);
  return { target, ...(most && { reason: most[0] }) };
}
