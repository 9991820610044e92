/** Rings in a thread at a time, or somewhat later, while its event loop sleeps or turns. */
export interface Alarm {
  /** What it takes to wake a thread, but for few times in a hundred. */
  readonly leadNs: number;
  /** Called when it rings. It may come before the time that is set now: for one that was replaced. */
  ring: () => void;
  /** Replaces the time that was set before. */
  set(atNs: number, nowNs: number): void;
  /** It need not ring any more. */
  stop(): void;
  close(): void;
}
