import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { describeLoad } from '../../src/load/executors/describe-load.ts';
import { planHash } from '../../src/load/executors/plan-hash.ts';
import { phaseRulesOf } from '../../src/run/runner/phase-rules.ts';
import { ScenarioFolder } from './support/scenario-file.ts';

const ALONE = { index: 0, count: 1 };

function scenario(flows: Readonly<Record<string, string>>): string {
  const lines = Object.entries(flows).map(
    ([name, load], index) =>
      `  ${name}: { steps: [{ name: s${index}, request: { path: / } }], load: { ${load} } }`,
  );
  return `version: 1
targets: { web: { driver: http, url: "http://127.0.0.1:8000" } }
flows:
${lines.join('\n')}
`;
}

async function problemsOf(context: TestContext, flows: Readonly<Record<string, string>>) {
  return new ScenarioFolder(context).problems(scenario(flows));
}

const TEN = 'executor: constant-vus, duration: 10s';
const RATE = 'executor: constant-arrival-rate, rate: 10/s, maxInFlight: 10';

test('a flow that ends with one of known length is as long as that, and its plan is known', async (t) => {
  const text = scenario({
    a: TEN,
    b: `${RATE}, startAfter: 4s, endWith: a`,
    c: `${RATE}, endWith: b`,
  });
  const { scenario: read, problems } = await new ScenarioFolder(t).check(text);
  assert.deepEqual(problems, []);
  const [, b, c] = read!.trials[0]!.flows;
  assert.equal((b!.load as { durationNs: number }).durationNs, 6e9);
  assert.equal((c!.load as { durationNs: number }).durationNs, 10e9);
  assert.equal(phaseRulesOf(read!.trials[0]!, ALONE).measureNs, 10e9);
});

test('a plan that ends with a flow of unknown length has none itself, and still one hash', async (t) => {
  const counted = 'executor: shared-iterations, iterations: 9';
  const hashes = [];
  for (const rate of ['10/s', '10/s', '20/s']) {
    const b = `executor: constant-arrival-rate, rate: ${rate}, maxInFlight: 10, endWith: a`;
    const text = scenario({ a: counted, b });
    const { scenario: read, problems } = await new ScenarioFolder(t).check(text);
    assert.deepEqual(problems, []);
    const { flows, seed } = read!.trials[0]!;
    assert.equal(describeLoad(flows[1]!.load, seed, 'b').arrivals, undefined);
    assert.equal(phaseRulesOf(read!.trials[0]!, ALONE).measureNs, undefined);
    hashes.push(planHash(flows, seed));
  }
  assert.equal(hashes[0], hashes[1]);
  assert.notEqual(hashes[0], hashes[2]);
  for (const end of ['executor: constant-vus, endWith: a', `${RATE}, duration: 1m, endWith: a`]) {
    assert.deepEqual(await problemsOf(t, { a: counted, b: end }), []);
  }
});

test('a plan that would begin when the flow has ended that it ends with is refused', async (t) => {
  const [problem = ''] = await problemsOf(t, { a: TEN, b: `${RATE}, startAfter: 10s, endWith: a` });
  assert.match(problem, /flows\.b\.load\.endWith: a has ended before this flow begins/);
});

test('with a flow that begins after another T1 is not known', async (t) => {
  const text = scenario({ a: TEN, b: `${TEN}, startAfter: a` });
  const { scenario: read } = await new ScenarioFolder(t).check(text);
  assert.equal(phaseRulesOf(read!.trials[0]!, ALONE).measureNs, undefined);
  const later = scenario({ a: TEN, b: `${TEN}, startAfter: 3s` });
  const { scenario: other } = await new ScenarioFolder(t).check(later);
  assert.equal(phaseRulesOf(other!.trials[0]!, ALONE).measureNs, 13e9);
});

test('flows that are not there, wait in a circle, or warm up for different times are refused', async (t) => {
  for (const [flows, expected] of [
    [{ alpha: TEN, b: `${TEN}, endWith: alpah` }, /no flow called "alpah"\n.*did you mean alpha\?/],
    [{ a: `${TEN}, endWith: a` }, /in a circle: a → a/],
    [
      { a: `${TEN}, startAfter: b`, b: `${TEN}, startAfter: c`, c: `${TEN}, startAfter: a` },
      /in a circle: a → b → c → a/,
    ],
    [{ a: `${TEN}, startAfter: 5` }, /startAfter: .*found 5/],
    [{ a: 'executor: constant-vus' }, /the load needs an end/],
    [
      { a: `${TEN}, warmup: { duration: 1s }`, b: `${TEN}, warmup: { duration: 2s }` },
      /warm-ups of a, b have to end together/,
    ],
    [{ a: `${TEN}, warmup: { duration: 1s }, startAfter: 1s` }, /a warm-up begins with the others/],
    [
      { a: TEN, b: 'executor: constant-vus, minDuration: 1s, minSamples: 5' },
      /flows\.b\.load\.minDuration: two minima end a scenario of one flow only/,
    ],
    [{}, /flows: expected a map of flows/],
  ] as const) {
    const problems = (await problemsOf(t, flows)).join('\n');
    assert.match(problems, expected, JSON.stringify(flows));
  }
});

test('steps and load stand in the flows or at the top, never both', async (t) => {
  const text = `${scenario({ a: TEN })}steps: [{ name: get, request: { path: / } }]\nload: { ${TEN} }\n`;
  const problems = await new ScenarioFolder(t).problems(text);
  assert.deepEqual(
    problems.map((problem) => problem.split(':').slice(2).join(':').trim()),
    [
      'steps: stands in each of the flows, where there are `flows`',
      'load: stands in each of the flows, where there are `flows`',
    ],
  );
});

test('an override reaches into a flow by its name', async (t) => {
  const folder = new ScenarioFolder(t);
  const options = { set: ['flows.a.load.vus=7', 'flows.a.steps.s0.request.path=/x'] };
  const { scenario: read } = await folder.check(scenario({ a: TEN, b: TEN }), options);
  const [a] = read!.trials[0]!.flows;
  assert.equal((a!.load as { vus: number }).vus, 7);
  assert.deepEqual(a!.steps[0]!.spec, { path: '/x' });
  const problems = await folder.problems(scenario({ a: TEN }), { set: ['flows.b.load.vus=7'] });
  assert.match(problems.join(), /no flow called b/);
});

test('steps that only send and think are no program, and think at the same positions in one', async (t) => {
  const folder = new ScenarioFolder(t);
  const flowOf = async (steps: string) => {
    const text = `version: 1
targets: { web: { driver: http, url: "http://127.0.0.1:8000" } }
steps: [${steps}]
load: { ${TEN} }
`;
    const { scenario: read, problems } = await folder.check(text);
    assert.deepEqual(problems, []);
    return read!.trials[0]!.flows[0]!;
  };
  const get = '{ name: get, request: { path: / } }';
  const time = (value: number) => ({ kind: 'constant', value });
  const plain = await flowOf(`{ think: 1s }, { think: 2s }, ${get}, { name: end, think: 3s }`);
  assert.equal(plain.program, undefined);
  assert.deepEqual(plain.steps[0]!.thinkBefore, [
    { position: 0, time: time(1e9) },
    { position: 1, time: time(2e9) },
  ]);
  assert.deepEqual(plain.thinkAfter, [{ position: 3, time: time(3e9) }]);
  const nested = await flowOf(`{ group: [{ think: 1s }, ${get}] }, { think: 3s, when: "true" }`);
  assert.deepEqual([nested.steps[0]!.thinkBefore, nested.thinkAfter], [undefined, undefined]);
  const thinking = { kind: 'think', position: 1, time: time(1e9) };
  assert.deepEqual(nested.program, [
    { kind: 'group', before: 0, nodes: [thinking, { kind: 'operation', step: 0 }] },
    { kind: 'think', position: 3, time: time(3e9), when: 'true' },
  ]);
});

test('a flow follows a trace, and a file that a step in a group names has to be there', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('trace.csv', 'at\n0\n1\n5\n');
  const text = `version: 1
targets: { web: { driver: http, url: "http://127.0.0.1:8000" } }
data: { trace: { file: trace.csv } }
flows:
  a:
    steps: [{ group: [{ name: put, request: { path: /, method: PUT, file: nowhere.bin } }] }]
    load: { executor: arrival-trace, trace: { data: trace, at: at }, maxInFlight: 3 }
  b: { steps: [{ name: get, request: { path: / } }], load: { ${TEN} } }
`;
  const [missing = '', ...others] = await folder.problems(text);
  assert.match(missing, /^6:\d+: flows\.a\.steps.*file: there is no file .*nowhere\.bin/);
  assert.deepEqual(others, []);
  const { scenario: read } = await folder.check(
    text.replace(', method: PUT, file: nowhere.bin', ''),
  );
  const { load } = read!.trials[0]!.flows[0]!;
  assert.deepEqual([...(load as { times: { rows: Float64Array } }).times.rows], [0, 1, 2]);
  const [strange = ''] = await folder.problems(
    text.replace(', method: PUT, file: nowhere.bin', '').replace('at: at', 'at: when'),
  );
  assert.match(strange, /^7:\d+: flows\.a\.load\.trace\.at: "when" is no field of trace/);
});
