/**
 * Requests a second through one http session per connection in a closed loop, with nothing of
 * loadgen around it. Run it pinned to one core and the server to another:
 *
 *   taskset -c 0 node bench/http-hot-path.ts http://127.0.0.1:8080 --seconds 5 --connections 64
 *
 * It prints one JSON line: requests a second, CPU time a request, outcomes, service time in µs.
 */
import { parseArgs } from 'node:util';
import { compileJsonTemplate, compileTemplate } from '../src/base/expressions/compile-template.ts';
import { NS_PER_SECOND, systemClock } from '../src/base/time/clock.ts';
import { TimerWheel } from '../src/base/time/timer-wheel.ts';
import { TurnQueue } from '../src/base/time/turn-queue.ts';
import type { Session, VerbUse } from '../src/drivers/driver.ts';
import { loadDriver } from '../src/drivers/registry.ts';
import { OperationSlots } from '../src/measure/metrics/operation-slots.ts';
import { OUTCOMES } from '../src/measure/metrics/outcome.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '5' },
    /** Not counted: the compiler is still at work. */
    warmup: { type: 'string', default: '2' },
    connections: { type: 'string', default: '64' },
    /** `constant`, `header` (one value changes) or `body` (JSON with one value that changes). */
    request: { type: 'string', default: 'header' },
  },
});
const connections = Number(values.connections);
const clock = systemClock;
const wheel = new TimerWheel(clock);
const turns = new TurnQueue(clock);

const definition = await loadDriver('http');
const slots = new OperationSlots(connections, definition.phases.length);
const { create } = await definition.load();
const driver = await create({
  name: 'bench',
  url: positionals[0] ?? 'http://127.0.0.1:8080',
  baseFolder: process.cwd(),
  connectTimeoutMs: 5000,
  options: {},
  connection: 'perVu',
  seed: 1,
  clock,
  wheel,
  turns,
  slots,
});

const environment = { roots: 'any' } as const;
const specs: Record<string, unknown> = {
  constant: { path: '/' },
  header: { path: '/', headers: { 'x-request': '{{ row.id }}' } },
  body: { path: '/', json: { id: '{{ row.id }}', text: 'the quick brown fox' } },
};
const use: VerbUse = {
  verb: 'request',
  spec: specs[values.request],
  timeoutMs: 30_000,
  fieldsRead: new Set(['status']),
  template: (text, context) => compileTemplate(text, context, environment),
  json: (value) => compileJsonTemplate(value, environment),
  value: (text) => () => text,
};
const operation = driver.compile(use);

const outcomes = new Map<string, number>();
const serviceTimesUs = new Uint32Array(100_000);
let isRunning = true;
let isCounting = false;
let rowNumber = 0;

function runVu(session: Session, slot: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const row = { id: '' };
  const scope = { row };
  const send = (): void => {
    row.id = `row-${rowNumber++}`;
    slots.acquired[slot] = clock.nowNs();
    session.execute(operation.bind(scope), slot, answered);
  };
  const answered = (): void => {
    if (isCounting) count(slot);
    if (isRunning) send();
    else resolve();
  };
  send();
  return promise;
}

function count(slot: number): void {
  const name = OUTCOMES[slots.outcome[slot]!]!;
  outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
  const serviceTimeUs = Math.round((slots.done[slot]! - slots.sent[slot]!) / 1000);
  serviceTimesUs[Math.min(serviceTimeUs, serviceTimesUs.length - 1)]!++;
}

const sessions = Array.from({ length: connections }, (_, slot) => driver.open(slot));
await Promise.all(sessions.map((session) => session.connect()));
let startNs = 0;
let cpuAtStart = process.cpuUsage();
clock.after(Number(values.warmup) * 1000, () => {
  isCounting = true;
  startNs = clock.nowNs();
  cpuAtStart = process.cpuUsage();
  clock.after(Number(values.seconds) * 1000, () => (isRunning = false));
});
await Promise.all(sessions.map(runVu));
const cpu = process.cpuUsage(cpuAtStart);
const seconds = (clock.nowNs() - startNs) / NS_PER_SECOND;
driver.close();
wheel.close();

const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
console.log(
  JSON.stringify({
    requestsPerSecond: Math.round(total / seconds),
    cpuUsPerRequest: Number(((cpu.user + cpu.system) / total).toFixed(2)),
    userUsPerRequest: Number((cpu.user / total).toFixed(2)),
    outcomes: Object.fromEntries(outcomes),
    reasons: Object.fromEntries(driver.failureReasons?.() ?? []),
    p50Us: percentile(50),
    p99Us: percentile(99),
    handledAtOnce: turns.handledAtOnce,
    peakBytes: turns.peakBytes,
  }),
);

function percentile(percent: number): number {
  let left = Math.ceil((total * percent) / 100);
  let value = 0;
  while (left > serviceTimesUs[value]!) left -= serviceTimesUs[value++]!;
  return value;
}
