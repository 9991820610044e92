import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLoad } from '../../../src/load/executors/describe-load.ts';
import { planHash } from '../../../src/load/executors/plan-hash.ts';
import { ScenarioFolder } from '../support/scenario-file.ts';

const ROWS =
  '[{ at: 10, user: a }, { at: 10.5, user: b }, { at: 12, user: a }, { at: 14, user: c }]';

const scenario = (trace: string, data = `{ inline: ${ROWS} }`, more = '') => `version: 1
targets: { web: { driver: http, url: "http://127.0.0.1:8000" } }
data: { trace: ${data} }
steps: [{ name: get, request: { path: "/{{ trace.user }}" } }]
load: { executor: arrival-trace, trace: ${trace}, maxInFlight: 20${more} }
`;

async function planOf(folder: ScenarioFolder, text: string) {
  const { scenario: resolved, problems } = await folder.check(text);
  assert.deepEqual(problems, []);
  const [{ flows, seed }] = resolved!.trials as [NonNullable<typeof resolved>['trials'][0]];
  const [{ load, name }] = flows as [(typeof flows)[0]];
  const { arrivals, durationNs, peakRatePerSecond } = describeLoad(load, seed, name);
  return { arrivals, durationNs, peakRatePerSecond, hash: planHash(flows, seed) };
}

test('a trace is described by its rows, and hashed by when they come', async (t) => {
  const folder = new ScenarioFolder(t);
  const { hash, ...plan } = await planOf(folder, scenario('{ data: trace, at: at }'));
  assert.deepEqual(plan, {
    arrivals: 4,
    durationNs: Math.round(4e9 + 4e9 / 3),
    peakRatePerSecond: 2,
  });
  const fast = await planOf(folder, scenario('{ data: trace, at: at, speed: 4 }'));
  assert.equal(fast.durationNs, Math.round(1e9 + 1e9 / 3));
  const thin = '{ data: trace, at: at, keep: 40%, session: user }';
  const thinned = await planOf(folder, scenario(thin));
  assert.equal(new Set([hash, fast.hash, thinned.hash]).size, 3);
  const shifted = ROWS.replaceAll(/at: (\d+)/g, (_, at) => `at: ${Number(at) + 100}`);
  const later = await planOf(folder, scenario('{ data: trace, at: at }', `{ inline: ${shifted} }`));
  assert.equal(later.hash, hash, 'only differences count');
});

test('what is wrong with a trace is said where it stands', async (t) => {
  const folder = new ScenarioFolder(t);
  const at = async (trace: string, data?: string, more?: string) =>
    (await folder.problems(scenario(trace, data, more))).join('; ');
  assert.match(
    await at('{ data: tracee, at: at }'),
    /^5:49: load\.trace\.data: there is no feeder called "tracee"\s+did you mean trace\?$/,
  );
  assert.match(
    await at('{ data: trace, at: time, session: usr }'),
    /^5:60: load\.trace\.at: "time" is no field of trace.*5:75: load\.trace\.session: "usr" is no field/s,
  );
  assert.match(
    await at('{ data: trace, at: at }', `{ inline: ${ROWS}, pick: shuffle }`),
    /^5:49: load\.trace\.data: arrival i uses row i of trace, which needs pick: sequential/,
  );
  assert.match(
    await at('{ data: trace, at: user }'),
    /^5:60: load\.trace\.at: row 1 of trace: expected a number of seconds.*found "a"$/,
  );
  assert.match(
    await at('{ data: trace, at: at }', '{ inline: [{ at: 3, user: a }, { at: 2, user: b }] }'),
    /row 2 of trace: 2 is before the row above it; sort the rows by it$/,
  );
  assert.match(
    await at(
      '{ data: trace, at: at }',
      '{ inline: [{ at: 3, user: a }, { at: "2024-01-01 00:00:00", user: b }] }',
    ),
    /row 2 of trace: "2024-01-01 00:00:00" is not told as the first row tells it$/,
  );
  assert.match(await at('{ data: trace, at: at, keep: 0% }'), /load\.trace\.keep: .*more than 0%/);
  assert.match(await at('{ data: trace, at: at, keep: 0.5 }'), /load\.trace\.keep: .*a share|text/);
  assert.match(await at('{ data: trace, at: at, speed: 0 }'), /load\.trace\.speed: .*more than 0/);
  assert.match(
    await at('{ data: trace, at: at }', undefined, ', warmup: { duration: 1s }'),
    /load\.warmup\.executor: arrival-trace cannot warm up: name another one/,
  );
  assert.match(
    await at('{ data: trace, at: at }', '{ file: nowhere.txt }'),
    /^3:24: data\.trace\.file: .*no such file/,
  );
});

test('a trace can be warmed up by another executor', async (t) => {
  const folder = new ScenarioFolder(t);
  const warmup = ', warmup: { executor: constant-arrival-rate, rate: 5/s, duration: 1s }';
  const { arrivals } = await planOf(folder, scenario('{ data: trace, at: at }', undefined, warmup));
  assert.equal(arrivals, 4);
});

test('rows that are generated can be a trace where they end', async (t) => {
  const folder = new ScenarioFolder(t);
  const made = (more: string) =>
    `{ generate: values, fields: { at: { sequence: 0 }, user: { choice: [a, b] } }${more} }`;
  const plan = await planOf(folder, scenario('{ data: trace, at: at }', made(', rows: 5')));
  assert.equal(plan.arrivals, 5);
  const [problem] = await folder.problems(scenario('{ data: trace, at: at }', made('')));
  assert.match(problem!, /load\.trace\.data: trace goes on without end; give it `rows`/);
});
