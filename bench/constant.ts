/**
 * A server with a constant service time of 50 ms, closed loop: loadgen's service time minus the
 * residence time that the server reports, over the whole distribution:
 * `node bench/constant.ts [vus] [seconds]`. It can never be negative.
 */
import { runLoadgen } from './loadgen.ts';
import { residencesNs, startReference } from './reference-log.ts';
import { exactPercentile } from './statistics.ts';

const vus = Number(process.argv[2] ?? 16);
const seconds = Number(process.argv[3] ?? 30);

const server = await startReference(18_082, ['--service-time=50ms']);
try {
  await server.reset();
  const settings = [`params.connections=${vus}`, `load.duration=${seconds}s`, 'load.warmup=null'];
  const { measured } = await runLoadgen('get', server.url, settings);
  const truthNs = residencesNs(await server.log());
  const own = measured.histogram('service_time');
  console.log(`${own.count} operations, ${truthNs.length} in the log`);
  show('min', truthNs[0]!, own.min);
  for (const percent of [10, 50, 90, 99, 99.9]) {
    show(`p${percent}`, exactPercentile(truthNs, percent), own.percentile(percent));
  }
  show('max', truthNs.at(-1)!, own.max);
} finally {
  await server.stop();
}

function show(name: string, residenceNs: number, serviceNs: number): void {
  const differenceUs = (serviceNs - residenceNs) / 1_000;
  console.log(
    `${name.padEnd(6)} residence ${(residenceNs / 1e6).toFixed(3)} ms, ` +
      `service_time ${(serviceNs / 1e6).toFixed(3)} ms, difference ${differenceUs.toFixed(0)} µs`,
  );
  if (differenceUs < 0) process.exitCode = 1;
}
