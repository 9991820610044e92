/**
 * How late a loop that does nothing but look at the clock takes up its times: no program that
 * paces on this core can do better. `node bench/spin-floor.ts RATE SECONDS` prints one JSON line.
 */
import { exactPercentile } from './statistics.ts';

const [ratePerSecond, seconds] = process.argv.slice(2).map(Number) as [number, number];
const count = ratePerSecond * seconds;
const gapMs = 1_000 / ratePerSecond;
const lagsNs = new Float64Array(count);
const startMs = performance.now() + 100;
for (let arrival = 0; arrival < count; arrival++) {
  const intendedMs = startMs + arrival * gapMs;
  let nowMs = performance.now();
  while (nowMs < intendedMs) nowMs = performance.now();
  lagsNs[arrival] = (nowMs - intendedMs) * 1e6;
}
lagsNs.sort();
console.log(
  JSON.stringify({
    p50Ns: exactPercentile(lagsNs, 50),
    p99Ns: exactPercentile(lagsNs, 99),
    maxNs: lagsNs.at(-1),
  }),
);
