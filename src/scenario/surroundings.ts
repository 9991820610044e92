/** What a scenario may refer to outside its file; handed in, since this room starts nothing. */
export interface Surroundings {
  /** Servers that loadgen can start. */
  readonly recipes: readonly string[];
  /** Reports that can be written. */
  readonly reportFormats: readonly string[];
  /** Files that this process may have open; undefined where the system does not say. */
  readonly descriptorLimit: number | undefined;
}
