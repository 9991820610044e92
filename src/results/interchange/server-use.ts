/** What was seen of a server beside its answers; null where nobody looked. */
export interface ServerUse {
  readonly modelLoadTimeMs: number | null;
  readonly peakMemoryMb: number | null;
  readonly cpuUtilizationPercent: number | null;
}

export const UNKNOWN_USE: ServerUse = {
  modelLoadTimeMs: null,
  peakMemoryMb: null,
  cpuUtilizationPercent: null,
};
