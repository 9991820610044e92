/** What turns texts into vectors. */
export interface Engine {
  /** What answers name as their model. */
  readonly model: string;
  /** Length of every embedding. */
  readonly dimensions: number;
  readonly loadSeconds: number;
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}
