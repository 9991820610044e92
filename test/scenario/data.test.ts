import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { modelOf } from '../../src/load/executors/registry.ts';
import { phaseRulesOf } from '../../src/run/runner/phase-rules.ts';
import { ScenarioFolder } from './support/scenario-file.ts';

function scenario(data: string, path: string, load: string): string {
  return `version: 1
targets: { web: { driver: http, url: "http://127.0.0.1:8000" } }
data: { rows: ${data} }
steps: [{ name: get, request: { path: "${path}" } }]
load: { ${load} }
`;
}

function folderOf(context: TestContext): ScenarioFolder {
  const folder = new ScenarioFolder(context);
  folder.write('rows.csv', 'id,text\n1,a\n2,b\n3,c\n4,d\n5,e\n');
  folder.write('rows.jsonl', '{"id":1,"deep":{"x":1}}\n{"other":2}\n');
  return folder;
}

const TEN_SECONDS = 'executor: constant-vus, vus: 2, duration: 10s';

test('a field that no row of a file has is a problem, at its place and with the fields there are', async (t) => {
  const folder = folderOf(t);
  const problems = await folder.problems(
    scenario('{ file: rows.csv }', '/{{ rows.txt }}', TEN_SECONDS),
  );
  assert.deepEqual(problems, [
    '4:39: steps.get.request.path: "txt" is no field of rows; did you mean "text"?',
  ]);
  const jsonl = scenario('{ file: rows.jsonl }', '/{{ rows.other }}{{ rows.deep.x }}', TEN_SECONDS);
  assert.deepEqual(await folder.problems(jsonl), []);
});

test('a broken data file is a problem of its scenario, with the line of the file', async (t) => {
  const folder = folderOf(t);
  folder.write('broken.csv', 'a,b\n1\n');
  const [problem = ''] = await folder.problems(
    scenario('{ file: broken.csv }', '/{{ rows.a }}', TEN_SECONDS),
  );
  assert.match(problem, /^3:23: data\.rows\.file: .*broken\.csv:2: expected 2 values/);
});

test('a load ends with rows that are read once, whatever else would end it', async (t) => {
  const folder = folderOf(t);
  const data = '{ file: rows.csv, pick: once, batch: 2 }';
  for (const [load, iterations] of [
    [TEN_SECONDS, 3],
    ['executor: shared-iterations, iterations: 2', 2],
    ['executor: constant-arrival-rate, rate: 100/s, duration: 1s, maxInFlight: 10', 3],
  ] as const) {
    const { scenario: read } = await folder.check(scenario(data, '/{{ rows.id }}', load));
    assert.equal(modelOf(read!.trials[0]!.flows[0]!.load).iterations, iterations, load);
  }
  const unread = await folder.check(scenario(data, '/', TEN_SECONDS));
  assert.equal(modelOf(unread.scenario!.trials[0]!.flows[0]!.load).iterations, undefined);
});

test('a plan that rows cut short has no T1: it ends with its last arrival', async (t) => {
  const folder = folderOf(t);
  const measureNs = async (rate: string): Promise<number | undefined> => {
    const load = `executor: constant-arrival-rate, rate: ${rate}, duration: 1s, maxInFlight: 10`;
    const text = scenario('{ file: rows.csv, pick: once }', '/{{ rows.id }}', load);
    const { scenario: read } = await folder.check(text);
    return phaseRulesOf(read!.trials[0]!, { index: 0, count: 1 }).measureNs;
  };
  assert.equal(await measureNs('100/s'), undefined);
  assert.equal(await measureNs('4/s'), 1e9);
});

test('more iterations than rows are warned of, a warm-up and too many holders are refused', async (t) => {
  const folder = folderOf(t);
  const once = '{ file: rows.csv, pick: once }';
  const path = '/{{ rows.id }}';
  const [many = ''] = await folder.problems(
    scenario(once, path, 'executor: shared-iterations, iterations: 9'),
  );
  assert.match(many, /warning: load\.iterations: asks for 9 .* the rows of rows last for 5/);
  const [warm = ''] = await folder.problems(
    scenario(once, path, `${TEN_SECONDS}, warmup: { duration: 1s }`),
  );
  assert.match(warm, /load\.warmup: a warm-up would use up rows of rows/);
  const [held = ''] = await folder.problems(
    scenario(
      '{ file: rows.csv, pick: once, per: vu }',
      path,
      'executor: constant-vus, vus: 6, duration: 1s',
    ),
  );
  assert.match(held, /load\.vus: each of 6 needs a row of rows of its own, and there are 5/);
});

test('iterations that have rows of their own need all of them, where rows are read once', async (t) => {
  const folder = folderOf(t);
  const once = '{ file: rows.csv, pick: once }';
  const ownRows = (vus: number) => `executor: per-vu-iterations, vus: ${vus}, iterations: 2`;
  assert.deepEqual(await folder.problems(scenario(once, '/{{ rows.id }}', ownRows(2))), []);
  const [short = ''] = await folder.problems(scenario(once, '/{{ rows.id }}', ownRows(3)));
  assert.match(
    short,
    /^\S+ load\.iterations: .*the last one row 6, and the rows of rows last for 5/,
  );
  folder.write('trace.csv', `at\n${['0', '1', '2', '3', '4', '5'].join('\n')}\n`);
  const trace = (name: string) =>
    `executor: arrival-trace, trace: { data: ${name}, at: at }, maxInFlight: 5`;
  const both = `${once}, trace: { file: trace.csv, pick: once }`;
  assert.deepEqual(await folder.problems(scenario(both, '/{{ trace.at }}', trace('trace'))), []);
  const [sparse = ''] = await folder.problems(scenario(both, '/{{ rows.id }}', trace('trace')));
  assert.match(sparse, /load\.trace: .*the last one row 6, and the rows of rows last for 5/);
});

test('rows are read once also where only a condition reads them', async (t) => {
  const folder = folderOf(t);
  const text = scenario('{ file: rows.csv, pick: once }', '/', TEN_SECONDS).replace(
    'steps: [',
    'steps: [{ when: "rows.id == \'1\'", oneOf: [{ name: other, request: { path: / } }] }, ',
  );
  const { scenario: read, problems } = await folder.check(text);
  assert.deepEqual(problems, []);
  assert.equal(modelOf(read!.trials[0]!.flows[0]!.load).iterations, 5);
});
