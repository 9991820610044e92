/**
 * What no client of Node can go below: one prepared search, sent at a rate from a timer of the
 * kernel; answers are counted by their reads and nothing is taken apart, recorded or decided.
 * `node bench/pgvector-floor.ts URL RATE SECONDS` prints one JSON line. It searches what the
 * scenario `knn` has left behind.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { clockOriginNs, NS_PER_SECOND, systemClock } from '../src/base/time/clock.ts';
import { KernelTimer } from '../src/base/time/kernel-timer.ts';
import {
  bindAndExecute,
  parse,
  startup,
  SYNC,
} from '../src/drivers/wire/postgres/frontend-messages.ts';
import { SocketHandle } from '../src/drivers/wire/tcp/socket-handle.ts';

const DIMENSION = 128;
const SEARCH = 'SELECT id, vector <-> $1 AS distance FROM knn ORDER BY vector <-> $1 LIMIT 10';
const WARMUP_SECONDS = 3;
/** For the server to answer what stands before. */
const ANSWER_MS = 200;

const [url, rate, seconds] = process.argv.slice(2) as [string, string, string];
const { hostname, port, username, pathname } = new URL(url);
const ratePerSecond = Number(rate);
const wanted = ratePerSecond * (WARMUP_SECONDS + Number(seconds));

let reads = 0;
const socket = connect({
  host: hostname,
  port: Number(port),
  noDelay: true,
  onread: { buffer: Buffer.allocUnsafeSlow(65_536), callback: () => true },
});
socket.write(startup({ user: username, database: pathname.slice(1) }), 'latin1');
await sleep(ANSWER_MS);
socket.write(parse('knn', SEARCH) + SYNC, 'latin1');
await sleep(ANSWER_MS);

const vector = Array.from({ length: DIMENSION }, () => (2 * Math.random() - 1).toPrecision(9));
const search = Buffer.from(bindAndExecute('knn', [`[${vector.join(',')}]`]) + SYNC, 'latin1');
// One flat text, which writing need not gather.
const payload = search.toString('latin1');
const handle = SocketHandle.of(
  socket,
  () => reads++,
  (errorNumber) => process.exit(-errorNumber),
)!;
const startNs = clockOriginNs() + systemClock.nowNs();
let sent = 0;
let before = process.cpuUsage();
const timer = KernelTimer.create(() => {
  if (sent === ratePerSecond * WARMUP_SECONDS) before = process.cpuUsage();
  if (sent === wanted) end();
  handle.write(payload);
  sent++;
  timer.set(startNs + (sent / ratePerSecond) * NS_PER_SECOND);
})!;
timer.set(startNs);

function end(): never {
  const { user, system } = process.cpuUsage(before);
  const cpuUs = (user + system) / (wanted - ratePerSecond * WARMUP_SECONDS);
  console.log(JSON.stringify({ cpuUs, answered: reads / sent }));
  process.exit(0);
}
