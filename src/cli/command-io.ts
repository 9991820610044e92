/** What a command sees of the process; tests hand in their own. */
export interface CommandIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Standard output: what was asked for, and nothing else. */
  write(text: string): void;
  /** Standard error: everything that is said beside it. */
  writeError(text: string): void;
}
