/**
 * Stands in a command or environment for a folder that the guardian makes for the server and removes
 * when it has ended: it outlives a loadgen that is killed.
 */
export const DATA_PLACE = '${DATA}';

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
  | { readonly event: 'started'; readonly pid: number; readonly dataFolder?: string }
  | { readonly event: 'output'; readonly line: string }
  | { readonly event: 'exited'; readonly reason: string };
