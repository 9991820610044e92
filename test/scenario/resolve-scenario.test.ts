import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ResolvedScenario, ResolvedTrial } from '../../src/scenario/resolved.ts';
import type { ScenarioRequest } from '../../src/scenario/resolve-scenario.ts';
import { ScenarioFolder, smallScenario } from './support/scenario-file.ts';

async function resolved(
  context: TestContext,
  text: string,
  options: Partial<ScenarioRequest> = {},
): Promise<ResolvedScenario> {
  const { scenario, problems } = await new ScenarioFolder(context).check(text, options);
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  return scenario!;
}

async function onlyTrial(
  context: TestContext,
  text: string,
  options: Partial<ScenarioRequest> = {},
): Promise<ResolvedTrial> {
  const { trials } = await resolved(context, text, options);
  assert.equal(trials.length, 1);
  return trials[0]!;
}

const PARAMS = `version: 1
params: { tokens: 4, path: /embed, wait: 250ms }
targets: { web: { driver: http, url: "http://127.0.0.1:8000", timeout: "{{ params.wait }}" } }
data: { texts: { generate: text, tokens: "{{ params.tokens * 2 }}", rows: 10 } }
steps:
  - name: embed
    request: { path: "{{ params.path }}", json: { a: "{{ texts.text }}", n: "{{ params.tokens }}" } }
load: { executor: shared-iterations, vus: 1, iterations: 10 }
`;

/** Keys of an http target that nobody gave. */
const HTTP_DEFAULTS = {
  client: 'raw',
  http: 1,
  redirects: 0,
  cookies: false,
  decompress: false,
};

test('steps and load at the top are the flow main, with every default filled in', async (t) => {
  const scenario = await resolved(t, smallScenario());
  const trial = scenario.trials[0]!;
  assert.equal(scenario.name, 'scenario');
  assert.deepEqual(scenario.report.formats, ['text', 'json']);
  assert.equal(trial.seed, 1);
  assert.deepEqual(trial.targets['web'], {
    name: 'web',
    driver: 'http',
    url: 'http://127.0.0.1:8000',
    timeoutMs: 30_000,
    connectTimeoutMs: 5_000,
    connection: 'perVu',
    labels: {},
    options: HTTP_DEFAULTS,
  });
  assert.equal(trial.flows.length, 1);
  const [flow] = trial.flows;
  assert.equal(flow!.name, 'main');
  assert.equal(flow!.steps[0]!.timeoutMs, 30_000);
  assert.equal(flow!.steps[0]!.target, 'web');
  assert.deepEqual(flow!.load, {
    executor: 'constant-vus',
    vus: 2,
    durationNs: 10e9,
    gracefulStopNs: 30e9,
  });
});

test('a resolved trial is plain data, as workers are handed it', async (t) => {
  const trial = await onlyTrial(t, PARAMS);
  assert.deepEqual(structuredClone(trial), trial);
});

test('params stand for numbers, durations and texts, and stay for what only a row can say', async (t) => {
  const trial = await onlyTrial(t, PARAMS);
  assert.equal(trial.targets['web']!.timeoutMs, 250);
  assert.deepEqual(trial.data['texts']!.source, { kind: 'text', tokens: 8 });
  assert.deepEqual(trial.flows[0]!.steps[0]!.spec, {
    path: '/embed',
    json: { a: '{{ texts.text }}', n: 4 },
  });
});

test('a setting of a param reaches everything that reads it', async (t) => {
  const trial = await onlyTrial(t, PARAMS, { set: ['params.tokens=8'], seed: 9 });
  assert.deepEqual(trial.params, { tokens: 8, path: '/embed', wait: '250ms' });
  assert.deepEqual(trial.data['texts']!.source, { kind: 'text', tokens: 16 });
  assert.equal(trial.seed, 9);
});

test('the environment is text where text is expected, and a number where one is', async (t) => {
  const text = `version: 1
params: { quoted: "\${N}", word: "\${NAME:-none}" }
targets: { web: { driver: http, url: "http://127.0.0.1:\${PORT:-8000}", labels: { n: "\${N}" } } }
steps: [{ name: get, request: { path: /, json: ["$\${literal}"] } }]
load: { executor: constant-vus, vus: "\${N}", duration: "\${SECONDS}s" }
`;
  const trial = await onlyTrial(t, text, { environment: { N: '7', SECONDS: '5', NAME: '' } });
  assert.deepEqual(trial.params, { quoted: '7', word: 'none' });
  assert.equal(trial.targets['web']!.url, 'http://127.0.0.1:8000');
  assert.deepEqual(trial.targets['web']!.labels, { n: '7' });
  const { load, steps } = trial.flows[0]!;
  assert.equal('vus' in load && load.vus, 7);
  assert.equal('durationNs' in load && load.durationNs, 5e9);
  assert.deepEqual(steps[0]!.spec, { path: '/', json: ['${literal}'] });
});

test('an unquoted variable of a param is a number where it looks like one', async (t) => {
  const text = smallScenario('params:\n  n: ${N:-32}\n  s: ${S:-x}\n');
  assert.deepEqual((await onlyTrial(t, text)).params, { n: 32, s: 'x' });
});

test('a variable that is not set is missed only where the trial uses it', async (t) => {
  const text = smallScenario('profiles: { other: { targets.web.url: "${OTHER_URL}" } }');
  await resolved(t, text);
  const problems = await new ScenarioFolder(t).problems(text, { profiles: ['other'] });
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /^5:39: targets\.web\.url: .*\$\{OTHER_URL\}.*set by profile other/);
});

test('profiles are laid over in the order in which they are named, then the command line', async (t) => {
  const text = smallScenario(
    'profiles: { a: { load: { vus: 3, duration: 1s } }, b: { load.vus: 4 } }',
  );
  const load = async (options: Partial<ScenarioRequest>) => {
    const { load } = (await onlyTrial(t, text, options)).flows[0]!;
    return 'vus' in load && 'durationNs' in load ? [load.vus, load.durationNs] : [];
  };
  assert.deepEqual(await load({ profiles: ['a', 'b'] }), [4, 1e9]);
  assert.deepEqual(await load({ profiles: ['b', 'a'] }), [3, 1e9]);
  assert.deepEqual(await load({ profiles: ['a', 'b'], set: ['load.vus=5'] }), [5, 1e9]);
});

test('a target that is named on the command line has that address', async (t) => {
  const trial = await onlyTrial(t, smallScenario(), {
    targets: ['web=http://127.0.0.1:9000/x?y=z'],
  });
  assert.equal(trial.targets['web']!.url, 'http://127.0.0.1:9000/x?y=z');
});

const SWEPT = smallScenario(`params: { n: 1 }
sweep: { params.n: [1, 2], level: { low: { load.vus: 1 }, high: { load.vus: 8 } } }
thresholds:
  - error_rate < 1%
  - response_time{params.n:2,level:high} avg < 1s
`);

test('a sweep gives a trial a point, each with its axes, params and load', async (t) => {
  const { trials } = await resolved(t, SWEPT);
  const shown = trials.map(({ trial, axes, params, flows }) => {
    const { load } = flows[0]!;
    return [trial, axes, params['n'], 'vus' in load && load.vus];
  });
  assert.deepEqual(shown, [
    [1, { 'params.n': 1, level: 'low' }, 1, 1],
    [2, { 'params.n': 1, level: 'high' }, 1, 8],
    [3, { 'params.n': 2, level: 'low' }, 2, 1],
    [4, { 'params.n': 2, level: 'high' }, 2, 8],
  ]);
});

test('a threshold on an axis that the command line took away is not judged', async (t) => {
  const trial = await onlyTrial(t, SWEPT, { set: ['load.vus=3', 'params.n=7'] });
  assert.deepEqual(trial.axes, { 'params.n': 7 });
  assert.deepEqual(
    trial.thresholds.map(({ text }) => text),
    ['error_rate < 1%'],
  );
});

test('a problem of every trial is told once, and one of a point names the point', async (t) => {
  const folder = new ScenarioFolder(t);
  assert.deepEqual(await folder.problems(SWEPT.replace('path: /', 'path: x')), [
    '3:39: steps.get.request.path: expected a path that begins with /, found "x"',
  ]);
  const [problem, ...more] = await folder.problems(
    SWEPT.replace('{ load.vus: 8 }', '{ load.vus: x }'),
  );
  assert.deepEqual(more, []);
  assert.match(
    problem!,
    /^6:\d+: load\.vus: expected a .*number, found "x" \(set by sweep level=high\)$/,
  );
});

const SECRETS = `version: 1
params: { token: "\${TOKEN}", plain: "\${PLAIN}" }
targets:
  web:
    driver: http
    url: "http://user:literal@\${HOST}/"
    headers: { authorization: "Bearer {{ params.token }}", x-open: "yes" }
    labels: { host: "\${HOST}" }
steps: [{ name: get, request: { path: /, headers: { cookie: "\${COOKIE}" } } }]
load: { executor: constant-vus, vus: 2, duration: 10s }
`;
const ENVIRONMENT = { TOKEN: 'tok-4711', PLAIN: 'plain', HOST: '127.0.0.1:8000', COOKIE: 'c00kie' };

test('what came from the environment into urls and headers is not in the effective config', async (t) => {
  const scenario = await resolved(t, SECRETS, { environment: ENVIRONMENT });
  assert.deepEqual(scenario.redactedPaths, [
    'params.token',
    'targets.web.url',
    'steps.get.request.headers.cookie',
  ]);
  for (const config of [scenario.effectiveConfig, ...scenario.trialConfigs!]) {
    const shown = config as Record<string, Record<string, Record<string, unknown>>>;
    assert.deepEqual(shown['params'], { token: '***', plain: 'plain' });
    assert.deepEqual(shown['targets']!['web'], {
      driver: 'http',
      url: 'http://***@***/',
      headers: { authorization: 'Bearer {{ params.token }}', 'x-open': 'yes' },
      labels: { host: '127.0.0.1:8000' },
    });
    assert.doesNotMatch(JSON.stringify(shown), /tok-4711|literal|c00kie/);
  }
  const { targets } = scenario.trials[0]!;
  assert.deepEqual(targets['web']!.options, {
    ...HTTP_DEFAULTS,
    headers: { authorization: 'Bearer tok-4711', 'x-open': 'yes' },
  });
});

test('what came from the environment into urls and headers is in no problem', async (t) => {
  const environment = {
    TOKEN: 'tok-4711\nX: y',
    PLAIN: 'plain',
    HOST: 'secret host!',
    COOKIE: 'c00kie {{ broken "quoted"',
  };
  const problems = await new ScenarioFolder(t).problems(SECRETS, { environment });
  assert.ok(problems.length >= 3, problems.join('\n'));
  assert.doesNotMatch(problems.join('\n'), /tok-4711|literal|secret host|c00kie|broken/);
});

test('the effective config is what was run, as a scenario that could be run again', async (t) => {
  const scenario = await resolved(t, SWEPT, { set: ['load.gracefulStop=1s'] });
  const [first] = scenario.trialConfigs!;
  assert.deepEqual((first as { load: unknown }).load, {
    executor: 'constant-vus',
    vus: 1,
    duration: '10s',
    gracefulStop: '1s',
  });
  assert.deepEqual(Object.keys(scenario.effectiveConfig).includes('sweep'), true);
  const again = await resolved(t, JSON.stringify(scenario.effectiveConfig));
  assert.deepEqual(
    again.trials.map(({ flows }) => flows),
    scenario.trials.map(({ flows }) => flows),
  );
});

test('a file name that cannot be a folder name becomes one that can', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('my scenario (1).yaml', smallScenario());
  const file = `${folder.path}/my scenario (1).yaml`;
  const { scenario } = await folder.check(smallScenario(), { file });
  assert.equal(scenario!.name, 'my_scenario_1_');
});

test('open loads take connections from a pool, virtual users keep theirs', async (t) => {
  const open = smallScenario().replace(
    'constant-vus, vus: 2',
    'constant-arrival-rate, rate: 5/s, maxInFlight: 10',
  );
  assert.equal((await onlyTrial(t, open)).targets['web']!.connection, 'pooled');
  const own = smallScenario().replace('driver: http,', 'driver: http, connection: perRequest,');
  assert.equal((await onlyTrial(t, own)).targets['web']!.connection, 'perRequest');
});

test('all operations over HTTP/2 share one connection, unless the target says otherwise', async (t) => {
  for (const [keys, connections] of [
    ['http: 2', 1],
    ['http: 2, connections: 5', 5],
    ['http: 2, connection: perVu', undefined],
    ['http: 2, connection: perRequest', undefined],
    ['http: 1', undefined],
  ] as const) {
    const text = smallScenario().replace('driver: http,', `driver: http, ${keys},`);
    assert.equal((await onlyTrial(t, text)).targets['web']!.connections, connections, keys);
  }
});
