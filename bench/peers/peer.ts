/**
 * The tools that people would use instead of loadgen. Each is a file of this folder behind this
 * contract; a tool that is not installed is reported as such and left out.
 */
export interface Peer {
  readonly name: string;
  /** For whoever reads that it is not there. */
  readonly install: string;
  /** Whether one request differs from the next, as loadgen's do. */
  readonly varies: boolean;
  /** It can have several requests on one connection at a time. */
  readonly multiplexes?: boolean;
  /** Where its program is; undefined where it is not installed. */
  find(): string | undefined;
  version(program: string): string;
  /** Undefined for a load that the tool cannot make. */
  command(program: string, load: PeerLoad): readonly string[] | undefined;
  /** From what it wrote to standard output; throws where that is not what was expected. */
  parse(output: string): PeerFigures;
}

export interface PeerLoad {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /** Requests on each connection at a time; 1 where it is absent. */
  readonly streams?: number;
  /** Absent: a closed loop, each connection sends when it was answered. */
  readonly ratePerSecond?: number;
}

export interface PeerFigures {
  /** Answered, with whatever status. */
  readonly requests: number;
  readonly perSecond: number;
  /** Of those and beside them: statuses other than 2xx and 3xx, and requests without an answer. */
  readonly failed: number;
  /** Due and never sent; absent from a tool that does not say. */
  readonly dropped?: number;
  /** As the tool prints them, in milliseconds; null for one that it does not print. */
  readonly latencyMs: PeerLatencyMs;
}

export interface PeerLatencyMs {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}
