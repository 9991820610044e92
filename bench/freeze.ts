/**
 * A server that freezes for 500 ms every 2.5 s at 1,000 requests a second, constant arrivals:
 * `node bench/freeze.ts [repetitions] [seconds]`. The server's own log is the truth; loadgen's
 * response-time p90 and p99 must follow it within 3%.
 */
import { runLoadgen } from './loadgen.ts';
import { residencesNs, startReference } from './reference-log.ts';
import { exactPercentile } from './statistics.ts';

const repetitions = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 60);
const TOLERANCE = 0.03;

let worst = 0;
for (let repetition = 1; repetition <= repetitions; repetition++) {
  const server = await startReference(18_081, ['--service-time=1ms', '--freeze=500ms/2500ms']);
  try {
    await server.reset();
    const settings = [`load.duration=${seconds}s`, 'load.rate=1000/s'];
    const { measured, result } = await runLoadgen('open', server.url, settings);
    const log = await server.log();
    const truthNs = residencesNs(log);
    const punctual = log.filter(({ departureNs, dueNs }) => departureNs - dueNs <= 1e6).length;
    console.log(
      `${repetition}: ${result.accounts.measure.due} due, ${log.length} in the log, ` +
        `${((punctual / log.length) * 100).toFixed(1)}% left within 1 ms of Lindley's recursion`,
    );
    for (const percent of [50, 90, 95, 99, 99.9]) {
      const ranked = measured.ranked('response_time').percentile(percent);
      const ownNs = ranked.kind === 'value' ? ranked.value : Number.NaN;
      const loggedNs = exactPercentile(truthNs, percent);
      const difference = ownNs / loggedNs - 1;
      if (percent === 90 || percent === 99) worst = Math.max(worst, Math.abs(difference));
      console.log(
        `   p${percent}: log ${ms(loggedNs)}, response_time ${ms(ownNs)}, ` +
          `${(difference * 100).toFixed(2)}%`,
      );
    }
    const lag = measured.histogram('pacer_lag');
    console.log(`   pacer_lag p99 ${ms(lag.percentile(99))}, max ${ms(lag.max)}`);
  } finally {
    await server.stop();
  }
}
console.log(`p90 and p99 differ from the log by ${(worst * 100).toFixed(2)}% at most`);
if (!(worst <= TOLERANCE)) process.exitCode = 1;

function ms(ns: number): string {
  return `${(ns / 1e6).toFixed(3)} ms`;
}
