import { SlotSamples } from './slot-samples.ts';

/** What drivers measure of an operation beside their phases. */
interface DriverRoom {
  readonly counts?: number;
  readonly samples?: number;
}

/**
 * The stamps and sizes of the operations in flight of one worker, as arrays indexed by slot (one
 * slot a VU, or an in-flight place of an open flow), so that a request allocates a promise and
 * little else. Stamps are ns of `Clock.nowNs`. The driver writes `granted`, `sent`, `done`,
 * `outcome`, the byte counts and its phases; the iteration writes the rest.
 */
export class OperationSlots {
  /** The iteration's number in its phase, over all workers. */
  readonly iteration: Float64Array;
  /** From the plan (open), or the end of what came before (closed, later steps). */
  readonly intended: Float64Array;
  /** When the pacer took it up. */
  readonly picked: Float64Array;
  /** When it had its slot under the in-flight cap. */
  readonly acquired: Float64Array;
  /** When a session was usable. Equal to `acquired` where the connection was open. */
  readonly granted: Float64Array;
  /** Read immediately before the socket call; 0 when nothing was handed to the socket. */
  readonly sent: Float64Array;
  /** Entry of the read callback that delivered the last byte; for failures, when it was known. */
  readonly done: Float64Array;
  /**
   * Since when our loop could have read the answer: entry of the first callback of the turn if the
   * poll before it blocked, else of the turn before. NaN where the driver cannot tell.
   */
  readonly free: Float64Array;
  /** Index in OUTCOMES. */
  readonly outcome: Uint8Array;
  readonly bytesSent: Float64Array;
  readonly bytesReceived: Float64Array;
  /** Answers after a timeout carry an old generation and are ignored. Counted up by the driver. */
  readonly generation: Int32Array;
  /**
   * The driver's own phases in their units, in the order it declares them; NaN where there was none.
   */
  readonly phases: readonly Float64Array[];
  /**
   * The driver's own counters, in the order it declares them: it adds to them while an operation
   * is open, the recorder takes them over when it ends and sets them to 0.
   */
  readonly counts: readonly Float64Array[];
  /** Its histograms with any number of values an operation; the recorder takes them over too. */
  readonly samples: readonly SlotSamples[];

  readonly count: number;

  constructor(count: number, phaseCount: number, { counts = 0, samples = 0 }: DriverRoom = {}) {
    this.count = count;
    this.iteration = new Float64Array(count);
    this.intended = new Float64Array(count);
    this.picked = new Float64Array(count);
    this.acquired = new Float64Array(count);
    this.granted = new Float64Array(count);
    this.sent = new Float64Array(count);
    this.done = new Float64Array(count);
    this.free = new Float64Array(count).fill(NaN);
    this.outcome = new Uint8Array(count);
    this.bytesSent = new Float64Array(count);
    this.bytesReceived = new Float64Array(count);
    this.generation = new Int32Array(count);
    this.phases = Array.from({ length: phaseCount }, () => new Float64Array(count).fill(NaN));
    this.counts = Array.from({ length: counts }, () => new Float64Array(count));
    this.samples = Array.from({ length: samples }, () => new SlotSamples(count));
  }
}
