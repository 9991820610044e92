/**
 * HTTP/1.1 closed loop beside wrk: `node bench/against-wrk.ts [repetitions] [seconds]`.
 * nginx (`return 200`, one worker) on one core; wrk and the whole loadgen process, one after the
 * other, on another. Needs nginx and wrk.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLoadgen } from './loadgen.ts';
import { runPinned, startPinned } from './processes.ts';
import { median, spread } from './statistics.ts';

const repetitions = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 5);
const PORT = 18_080;
const URL_OF_SERVER = `http://127.0.0.1:${PORT}`;

const folder = mkdtempSync(join(tmpdir(), 'loadgen-bench-'));
const server = await startPinned(['nginx', '-c', nginxConfiguration()], URL_OF_SERVER);
const ratios: number[] = [];
const cpuRatios: number[] = [];
try {
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    const peer = await wrk();
    const own = await loadgen();
    ratios.push(own.perSecond / peer.perSecond);
    cpuRatios.push(own.cpuUs / peer.cpuUs);
    console.log(
      `${repetition}: wrk ${peer.perSecond.toFixed(0)}/s (${peer.cpuUs.toFixed(1)} µs CPU), ` +
        `loadgen ${own.perSecond.toFixed(0)}/s (${own.cpuUs.toFixed(1)} µs CPU), ` +
        `ratio ${ratios.at(-1)!.toFixed(2)}`,
    );
  }
} finally {
  await server.stop();
}
console.log(`requests/s, loadgen ÷ wrk: median ${spread(ratios)}`);
console.log(`CPU per request, loadgen ÷ wrk: median ${spread(cpuRatios)}`);
if (median(ratios) < 0.6) process.exitCode = 1;

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function wrk(): Promise<Figures> {
  const command = ['wrk', '-t1', '-c64', `-d${seconds}s`, '--latency', `${URL_OF_SERVER}/?a`];
  const { output, cpuSeconds } = await runPinned(command);
  const requests = Number(/(\d+) requests in/.exec(output)![1]);
  const perSecond = Number(/Requests\/sec:\s+(\S+)/.exec(output)![1]);
  return { perSecond, cpuUs: (cpuSeconds / requests) * 1e6 };
}

async function loadgen(): Promise<Figures> {
  const settings = [`load.duration=${seconds}s`];
  const { result, cpuSeconds } = await runLoadgen('get', URL_OF_SERVER, settings);
  const operations = result.accounts.measure.attempted + (result.accounts.warmup?.attempted ?? 0);
  const perSecond = result.throughput.operationsPerSecond;
  return { perSecond, cpuUs: (cpuSeconds / operations) * 1e6 };
}

function nginxConfiguration(): string {
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
     events { worker_connections 8192; }
     http { access_log off; keepalive_requests 100000000; client_body_temp_path ${folder};
       proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder};
       scgi_temp_path ${folder};
       server { listen 127.0.0.1:${PORT}; location / { return 200 "ok"; } } }`,
  );
  return file;
}
