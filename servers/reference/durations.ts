const nanosecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
};

/** Reads "50ms", "1.5s", "250us" or "0" as whole nanoseconds; throws a RangeError on anything else. */
export function parseDurationNs(text: string): number {
  if (text === '0') return 0;
  const match = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m)$/.exec(text);
  if (match === null) {
    throw new RangeError(`${JSON.stringify(text)} is not a duration such as 50ms, 1.5s or 250us`);
  }
  return Math.round(Number(match[1]) * nanosecondsPerUnit[match[2]!]!);
}

/** Writes nanoseconds in the largest unit that holds them without a fraction. */
export function formatDuration(durationNs: number): string {
  for (const unit of ['s', 'ms', 'us']) {
    const perUnit = nanosecondsPerUnit[unit]!;
    if (durationNs >= perUnit && durationNs % perUnit === 0)
      return `${durationNs / perUnit}${unit}`;
  }
  return durationNs === 0 ? '0' : `${durationNs}ns`;
}
