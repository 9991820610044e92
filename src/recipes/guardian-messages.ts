/** The first line on the guardian's standard input. */
export interface GuardianOrder {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  readonly graceMs: number;
}

/** Lines on its standard output. */
export type GuardianEvent =
  | { readonly event: 'started'; readonly pid: number }
  | { readonly event: 'output'; readonly line: string }
  | { readonly event: 'exited'; readonly reason: string };
