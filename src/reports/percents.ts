/** The percentiles that reports show, with their names. */
export const PERCENTS_SHOWN = [50, 90, 95, 99, 99.9] as const;

export function percentName(percent: number): string {
  return `p${percent}`;
}
