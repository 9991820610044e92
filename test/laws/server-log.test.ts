/**
 * The real engine against the server's own log of the same run. No bound here depends on how busy
 * the machine is: each follows from the order of events, which no delay can change.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lindley } from '../../servers/reference/lindley.ts';
import { randomServiceTime, type ServiceLaw } from '../../servers/reference/service-law.ts';
import { MS, observeRun, planStartNs, plannedOffsetsNs, type ObservedRun } from './observed-run.ts';
import { differences, liesBetween, sumOf, variation } from './samples.ts';

/**
 * Of all requests of a run, the one that was sent most promptly takes no longer than this to the
 * server: usually 0.1 ms, and 50 ms on a machine with ten times the load that it can carry.
 */
const PROMPT_TRANSIT_NS = 50 * MS;

const open = (rate: number, seconds: number, more: object = {}): Record<string, unknown> => ({
  executor: 'constant-arrival-rate',
  rate: `${rate}/s`,
  duration: `${seconds * 1_000}ms`,
  ...more,
});

/**
 * One request at a time, so that the log holds each between two others: it was sent after the one
 * before it had left the server, and its answer was there before the next one was sent.
 */
function judgeOneAtATime({ log, measured }: ObservedRun, offsetsNs?: Float64Array): void {
  const endNs = Infinity;
  const least = Float64Array.from(log, ({ arrivalNs, departureNs }) => departureNs - arrivalNs);
  const most = Float64Array.from(log, (_, at) => {
    const sentNs = log[at - 1]?.departureNs ?? -Infinity;
    return (log[at + 1]?.arrivalNs ?? endNs) - sentNs;
  });
  liesBetween(measured.histogram('service_time'), { least, most });
  if (offsetsNs === undefined) return;
  const latestStartNs = planStartNs(log, offsetsNs);
  const earliestStartNs = latestStartNs - measured.histogram('send_lag').min - PROMPT_TRANSIT_NS;
  liesBetween(measured.histogram('response_time'), {
    least: Float64Array.from(log, (row, at) => row.departureNs - latestStartNs - offsetsNs[at]!),
    most: Float64Array.from(
      log,
      (_, at) => (log[at + 1]?.arrivalNs ?? endNs) - earliestStartNs - offsetsNs[at]!,
    ),
  });
}

/** Response time is the sum of its parts, to the nanosecond, summed over all operations. */
function judgeParts({ measured }: ObservedRun): void {
  const sum = (...names: string[]): number =>
    names.reduce((total, name) => total + measured.histogram(name).sum, 0);
  assert.equal(sum('response_time'), sum('send_lag', 'service_time'));
  // Who waited for a slot was picked up when intended: its pacer lag hides in its waiting.
  const parts = sum('slot_wait', 'write_lag', 'service_time');
  assert.ok(sum('response_time') >= parts);
  assert.ok(sum('response_time') <= parts + sum('pacer_lag'));
}

/** Every moment that was due is what Lindley's recursion makes of the arrivals. */
function judgeServer(
  { log, settings: { freeze } }: ObservedRun,
  serviceTimeNs: number | ServiceLaw,
  slots = Infinity,
): void {
  const arrivalsNs = log.map(({ arrivalNs }) => arrivalNs);
  const dueNs = lindley({ arrivalsNs, serviceTimeNs, slots, freeze });
  assert.deepEqual(
    log.map((row) => row.dueNs),
    [...dueNs],
  );
}

function judgeAccount({ result, log }: ObservedRun, due: number): void {
  const account = result.accounts.measure;
  const { unsent, waiting, running, inFlight, operations } = account;
  assert.equal(account.due, due, 'all that the plan has');
  const neverSent = Object.values(unsent).reduce((sum, count) => sum + count, 0);
  assert.equal(account.started, due - neverSent);
  assert.equal(log.length, account.attempted, 'the server saw each once');
  assert.equal(operations['ok'], account.attempted);
  assert.deepEqual([waiting, running, inFlight], [0, 0, 0]);
}

test('constant service time, closed loop: each service time lies where the log says', async () => {
  const load = { executor: 'constant-vus', vus: 1, duration: '1500ms' };
  const run = await observeRun({ server: ['--service-time=5ms'], load });
  judgeServer(run, 5 * MS);
  judgeAccount(run, run.log.length);
  judgeOneAtATime(run);
  assert.ok(run.measured.histogram('service_time').min >= 5 * MS);
  assert.ok(run.log.length <= 301, `${run.log.length} times 5 ms do not fit into 1.5 s`);
});

for (const { name, freezeMs, periodMs } of [
  // A period as long as the run: exactly one window begins in it.
  { name: 'one freeze', freezeMs: 300, periodMs: 2_000 },
  { name: 'a periodic freeze', freezeMs: 100, periodMs: 400 },
]) {
  test(`${name} shows in response time, arrivals behind it included`, async () => {
    const [rate, seconds] = [150, 2];
    const load = open(rate, seconds, { maxInFlight: 1 });
    const flags = ['--service-time=1ms', `--freeze=${freezeMs}ms/${periodMs}ms`];
    const run = await observeRun({ server: flags, load });
    const offsetsNs = plannedOffsetsNs(load);
    judgeServer(run, 1 * MS);
    judgeAccount(run, rate * seconds);
    judgeOneAtATime(run, offsetsNs);
    judgeParts(run);
    const { freeze } = run.settings;
    // Who is due in a window cannot be answered before its end, whatever it waited for.
    const beganNs = planStartNs(run.log, offsetsNs);
    const remainingNs = offsetsNs.map((offset) => {
      const intoCycleNs = (beganNs + offset - freeze!.epochNs) % freeze!.periodNs;
      const first = beganNs + offset < freeze!.epochNs + freeze!.periodNs;
      return first ? 0 : Math.max(0, freeze!.durationNs - intoCycleNs);
    });
    const promptNs = run.measured.histogram('send_lag').min + PROMPT_TRANSIT_NS;
    const least = remainingNs.map((remaining) => Math.max(1 * MS, remaining - promptNs));
    liesBetween(run.measured.histogram('response_time'), { least });
  });
}

for (const { name, flag, service } of [
  {
    name: 'M/M/1',
    flag: 'exponential:4ms',
    service: randomServiceTime({ law: 'exponential', meanNs: 4 * MS }, 3),
  },
  { name: 'M/D/1', flag: '4ms', service: () => 4 * MS },
] as const) {
  // Utilisation 0.6.
  const load = open(150, 3, { arrival: 'poisson' });
  const offsetsNs = plannedOffsetsNs(load);
  const planned = lindley({ arrivalsNs: offsetsNs, serviceTimeNs: service, slots: 1 });
  const plannedNs = planned.map((departure, at) => departure - offsetsNs[at]!);

  test(`${name} with its queue in loadgen: response times are the plan's, and the log's`, async () => {
    const oneSlot = { ...load, maxInFlight: 1 };
    const run = await observeRun({ server: [`--service-time=${flag}`, '--seed=3'], load: oneSlot });
    judgeServer(run, service);
    judgeAccount(run, offsetsNs.length);
    judgeOneAtATime(run, offsetsNs);
    judgeParts(run);
    liesBetween(run.measured.histogram('response_time'), { least: plannedNs });
  });

  test(`${name} with its queue in the server: no shorter than the recursion on the plan`, async () => {
    const flags = [`--service-time=${flag}`, '--slots=1', '--seed=3'];
    const run = await observeRun({ server: flags, load });
    judgeServer(run, service, 1);
    judgeAccount(run, offsetsNs.length);
    judgeParts(run);
    const least = Float64Array.from(run.log, (row) => row.departureNs - row.arrivalNs);
    liesBetween(run.measured.histogram('service_time'), { least });
    // Two requests may overtake each other on their way, which leaves the sum as it is. A request
    // that arrives later than planned leaves no earlier, nor does any behind it.
    const response = run.measured.histogram('response_time');
    assert.ok(response.sum >= sumOf(plannedNs), `${response.sum}, ${sumOf(plannedNs)} at least`);
    const latestStartNs = planStartNs(run.log, offsetsNs);
    const logged = run.log.map((row, at) => row.departureNs - latestStartNs - offsetsNs[at]!);
    assert.ok(response.sum >= sumOf(Float64Array.from(logged)));
  });
}

for (const { name, load, law } of [
  { name: 'constant', load: open(200, 1.5), law: (gap: number) => (gap < 1 ? 0 : 1) },
  {
    name: 'poisson',
    load: open(250, 2, { arrival: 'poisson' }),
    law: (gap: number) => 1 - Math.exp(-gap),
  },
]) {
  test(`${name} arrivals at the server: their number is exact, their gaps follow the law`, async (t) => {
    const run = await observeRun({ server: [], load });
    const offsetsNs = plannedOffsetsNs(load);
    judgeAccount(run, offsetsNs.length);
    const beganNs = planStartNs(run.log, offsetsNs);
    const meanNs = offsetsNs.at(-1)! / (offsetsNs.length - 1);
    const inMeans = (moments: ArrayLike<number>): Float64Array =>
      differences(moments).map((gap) => gap / meanNs);
    const planned = inMeans(offsetsNs);
    const arrived = inMeans(run.log.map(({ arrivalNs }) => arrivalNs - beganNs));
    // What the machine displaced is seen, and allowed for: a distribution of which a share `moved`
    // went elsewhere, and the rest no further than 0.1, lies between F(x − 0.1) − moved and
    // F(x + 0.1) + moved; beyond that comes the distance of a true sample (probability 0.001).
    const moved = share(arrived, (gap, at) => Math.abs(gap - planned[at]!) > 0.1);
    const allowance = moved + 1.95 / Math.sqrt(arrived.length);
    for (let gap = 0; gap < 4; gap += 0.02) {
      const below = share(arrived, (value) => value <= gap);
      assert.ok(below >= law(gap - 0.101) - allowance, `P(gap ≤ ${gap}) is ${below}`);
      assert.ok(below <= law(gap + 0.101) + allowance, `P(gap ≤ ${gap}) is ${below}`);
    }
    const expected = name === 'poisson' ? 1 : 0;
    // The coefficient of variation of n exponential gaps scatters by 1/√n.
    assert.ok(Math.abs(variation(planned) - expected) < 4 / Math.sqrt(planned.length) + 1e-6);
    t.diagnostic(`displaced by more than 0.1 mean gaps: ${(moved * 100).toFixed(1)}%`);
  });
}

function share(values: Float64Array, holds: (value: number, at: number) => boolean): number {
  return values.filter((value, at) => holds(value, at)).length / values.length;
}

test('overload: the backlog grows linearly, and response time with it', async () => {
  const [rate, seconds] = [400, 1.5];
  const load = open(rate, seconds, { maxInFlight: 1 });
  const run = await observeRun({ server: ['--service-time=5ms'], load });
  const offsetsNs = plannedOffsetsNs(load);
  judgeServer(run, 5 * MS);
  judgeAccount(run, rate * seconds);
  judgeOneAtATime(run, offsetsNs);
  judgeParts(run);
  // Request n (from 0) leaves after n + 1 services of 5 ms and is due after n gaps of 2.5 ms.
  const least = Float64Array.from(offsetsNs, (_, n) => 5 * MS + n * 2.5 * MS);
  liesBetween(run.measured.histogram('response_time'), { least });
});

test('overload with an end: what was never sent is counted, and the server saw none of it', async () => {
  for (const [more, reason] of [
    [{ maxLateness: '100ms' }, 'late'],
    [{ whenLate: 'drop' }, 'no_slot'],
  ] as const) {
    const load = open(400, 1, { maxInFlight: 1, ...more });
    const run = await observeRun({ server: ['--service-time=5ms'], load });
    judgeAccount(run, 400);
    const { started, unsent } = run.result.accounts.measure;
    assert.equal(unsent[reason], 400 - started);
    // 200 a second, for the second and for the lateness that is allowed behind it.
    assert.ok(started <= 200 * 1.1 + 2, `${started} started`);
    assert.ok(started >= 1);
    assert.equal(run.measured.ranked('response_time').percentile(90).kind, 'not-answered');
  }
});

test('bimodal service times: both modes are there, in the numbers that the law drew', async () => {
  const service = { law: 'bimodal', shortNs: 2 * MS, longNs: 60 * MS, longShare: 0.1 } as const;
  const load = open(200, 2, { arrival: 'poisson' });
  const run = await observeRun({
    server: ['--service-time=bimodal:2ms/60ms/10%', '--seed=3'],
    load,
  });
  const law = randomServiceTime(service, 3);
  judgeServer(run, law);
  judgeAccount(run, plannedOffsetsNs(load).length);
  judgeParts(run);
  const recorded = run.measured.histogram('service_time');
  const least = Float64Array.from(run.log, (row) => row.departureNs - row.arrivalNs);
  liesBetween(recorded, { least });
  liesBetween(recorded, { least: Float64Array.from(run.log, (_, request) => law(request)) });
});
