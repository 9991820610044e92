import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { validateCommand } from '../../src/cli/commands/validate.ts';
import { resolveScenario } from '../../src/scenario/resolve-scenario.ts';
import { ScenarioFolder, smallScenario } from './support/scenario-file.ts';

const TEN_MISTAKES = `version: 2
targets:
  web: { driver: http, url: "http://127.0.0.1:8000", timeout: 5 }
  other: { driver: htpt, url: "http://127.0.0.1:8001" }
data:
  queries: { file: nowhere.txt }
steps:
  - name: embed
    target: web
    request: { path: /embed, json: ["{{ queries.lin }}"] }
    expect: ["status = 200"]
  - name: embed
    target: wbe
    request: { path: / }
load: { executor: constant-vus, vsu: 4, duration: 10s }
colour: blue
`;

test('a think step has its own problems, and a scenario of nothing else sends nothing', async (t) => {
  const folder = new ScenarioFolder(t);
  const scenario = (steps: string) => `version: 1
targets: { web: { driver: http, url: "http://127.0.0.1:8000" } }
steps:
${steps}
load: { executor: constant-vus, vus: 2, duration: 10s }
`;
  const get = '  - { name: get, request: { path: / } }';
  const problems = (...steps: string[]) => folder.problems(scenario(steps.join('\n')));
  assert.deepEqual(await problems(get, '  - think: 2s', '  - think: { exponential: 1s }'), []);
  assert.deepEqual(
    await problems(
      get,
      '  - { name: get, think: 2 }',
      '  - { think: 2s, request: { path: / } }',
      '  - { think: { unifrom: [1s, 2s] } }',
      '  - { think: { uniform: [2s, 1s] } }',
      '  - { think: { normal: { mean: 2s } } }',
      '  - { think: { exponential: 1s, uniform: [1s, 2s] } }',
    ),
    [
      '5:13: steps.get.name: there are two steps called "get"',
      '5:25: steps.get.think: expected a text or a map, found 2',
      '6:18: steps[2].request: a step that thinks does nothing else, and takes a name and `when` at most',
      '7:14: steps[3].think: exactly one distribution, or `from`',
      '7:16: steps[3].think.unifrom: unknown key\n    did you mean uniform?',
      '8:25: steps[4].think.uniform: from the lower to the higher value',
      '9:16: steps[5].think.normal.sd: is missing; expected a duration with its unit, such as 250ms, 10s or 1m30s',
      '10:14: steps[6].think: exactly one distribution, or `from`',
    ],
  );
  assert.deepEqual(await problems('  - think: 2s'), [
    '4:3: steps: needs a step that does more than think',
  ]);
});

test('a think time that is taken is checked for what it reads, and for its unit', async (t) => {
  const folder = new ScenarioFolder(t);
  const scenario = (think: string) => `version: 1
targets: { web: { driver: http, url: "http://127.0.0.1:8000" } }
data: { trace: { inline: [{ pause: 1.5s, pauseMs: 20 }] } }
steps:
  - { name: get, request: { path: / }, extract: { code: status } }
  - { think: { ${think} } }
load: { executor: constant-vus, vus: 2, duration: 10s }
`;
  const messages: Readonly<Record<string, RegExp | undefined>> = {
    'from: trace.pause': undefined,
    'from: "trace.pauseMs * 2", unit: ms': undefined,
    'from: steps.get.code, unit: s': undefined,
    'from: trace.paus': /6:\d+: steps\[1\]\.think\.from: .*"paus" is no field of trace/s,
    'from: "1 + 2"': /it gives a number, which needs a `unit` beside it/,
    'from: "\'2s\'", unit: s': /it gives a text, which has its unit in itself/,
    'from: "true"': /it gives bool; expected a number, or a text such as 250ms/,
    'uniform: [1s, 2s], unit: s': /think\.unit: belongs to `from`/,
    'from: trace.pause, unit: m': /think\.unit: expected ns, us, ms or s/,
  };
  for (const [think, message] of Object.entries(messages)) {
    const found = (await folder.problems(scenario(think))).join('\n');
    if (message === undefined) assert.equal(found, '', think);
    else assert.match(found, message, think);
  }
});

test('ten mistakes are ten problems with file, line and column, and no stack', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('ten.yaml', TEN_MISTAKES);
  const file = join(folder.path, 'ten.yaml');
  let output = '';
  let errors = '';
  const io = {
    environment: {},
    write: (text: string) => void (output += text),
    writeError: (text: string) => void (errors += text),
  };
  const code = await validateCommand(
    [file],
    { profiles: [], set: [], targets: [], json: false },
    io,
  );
  assert.equal(code, 104);
  assert.equal(output, '');
  const places = errors.split('\n').filter((line) => line.startsWith(`${file}:`));
  assert.deepEqual(
    places.map((line) => line.slice(file.length + 1).replace(`${folder.path}/`, '')),
    [
      '1:10: version: expected 1, found 2',
      '3:63: targets.web.timeout: expected a duration with its unit, such as 250ms, 10s or 1m30s, found 5',
      '4:20: targets.other.driver: there is no driver called "htpt"',
      '6:20: data.queries.file: The data file nowhere.txt of feeder "queries" cannot be read: there is no such file.',
      '10:37: steps.embed.request.json[0]: "lin" is no field of queries; did you mean "line"?',
      '11:14: steps.embed.expect[0]: Unexpected character: =',
      '12:11: steps.embed.name: there are two steps called "embed"',
      '13:13: steps.embed.target: there is no target called "wbe"',
      '15:33: load.vsu: unknown key',
      '16:1: colour: unknown key',
      ' 10 problems',
    ],
  );
  assert.doesNotMatch(errors, /^\s+at /m);
});

test('an unknown key names the nearest known one', async (t) => {
  const folder = new ScenarioFolder(t);
  const cases: [string, string][] = [
    [smallScenario('thresolds: []'), 'did you mean thresholds?'],
    [smallScenario().replace('vus: 2', 'vuss: 2'), 'did you mean vus?'],
    [smallScenario().replace('vus: 2', 'VUs: 2'), 'did you mean vus?'],
    [smallScenario().replace('vus: 2', 'graceful_stop: 2s'), 'did you mean gracefulStop?'],
    [smallScenario().replace('path: /', 'pth: /'), 'did you mean path?'],
    [smallScenario().replace('request:', 'reqest:'), 'did you mean request?'],
    [smallScenario().replace('url:', 'uri:'), 'did you mean url?'],
    [smallScenario('data: { q: { inlin: [] } }'), 'did you mean inline?'],
    [smallScenario('report: { format: [text] }'), 'did you mean formats?'],
  ];
  for (const [text, hint] of cases) {
    const problems = await folder.problems(text);
    assert.ok(
      problems.some((problem) => problem.includes(hint)),
      `${text}\n${problems.join('\n')}`,
    );
  }
});

test('a wrong unit says which one is expected', async (t) => {
  const folder = new ScenarioFolder(t);
  const duration = /expected a duration with its unit.*250ms/;
  for (const wrong of ['10', '10 s', '10sec', '"-1s"', '1.5', '[1s]']) {
    const [problem] = await folder.problems(smallScenario().replace('10s', wrong));
    assert.match(problem!, duration, wrong);
  }
  const rate = smallScenario().replace('constant-vus, vus: 2', 'constant-arrival-rate, rate: 200');
  assert.match((await folder.problems(rate))[0]!, /expected a rate with its unit.*200\/s/);
  const share = smallScenario('thresholds: [error_rate < 0.1]');
  assert.match((await folder.problems(share))[0]!, /needs another unit\n.*0\.1%/);
});

test('data files that are missing, empty, folders, devices or no path are problems', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('empty.txt', '\n\n');
  folder.write('one.txt', 'a\n');
  execFileSync('mkfifo', [join(folder.path, 'pipe')]);
  const file = async (name: string) =>
    (await folder.problems(smallScenario(`data: { q: { file: ${name} } }`))).join('\n');
  assert.match(await file('missing.txt'), /5:\d+: data\.q\.file: .*cannot be read/);
  assert.match(await file('empty.txt'), /no rows/);
  assert.match(await file('.'), /cannot be read/);
  assert.match(await file('pipe'), /pipe or a device/);
  assert.match(await file('/dev/zero'), /pipe or a device/);
  assert.match(await file('"a\\0b"'), /no path to a file/);
  assert.equal(await file('one.txt'), '');
  assert.equal(await file(join(folder.path, 'one.txt')), '');
  const skipped = smallScenario('data: { q: { file: one.txt, skip: 1 } }');
  assert.match((await folder.problems(skipped))[0]!, /no rows/);
});

test('names cannot leave the folder that they name, nor hide what expressions read', async (t) => {
  const folder = new ScenarioFolder(t);
  for (const name of [
    '../x',
    '/etc',
    'a/b',
    '"a\\0b"',
    '.hidden',
    '".."',
    'comparison',
    '""',
    'é',
  ]) {
    const problems = await folder.problems(smallScenario(`name: ${name}`));
    assert.match(problems[0] ?? 'none', /^5:7: name: /, name);
  }
  for (const name of ['../x', 'a-b', '1a', '"a\\0b"', 'constructor', 'toString', 'int', '"x y"']) {
    for (const text of [
      smallScenario(`params: { ${name}: 1 }`),
      smallScenario(`data: { ${name}: { inline: [{ a: 1 }] } }`),
      smallScenario().replace('web:', `${name}:`),
      smallScenario().replace('name: get', `name: ${name}`),
      smallScenario(`profiles: { ${name}: { load.vus: 1 } }`),
    ]) {
      const { scenario, problems } = await folder.check(text);
      assert.equal(scenario, undefined, `${text}${problems.length}`);
    }
  }
  for (const name of ['params', 'steps', 'vu', 'iteration', 'status', 'json', 'headers', 'text']) {
    const problems = await folder.problems(
      smallScenario(`data: { ${name}: { inline: [{ a: 1 }] } }`),
    );
    assert.match(problems[0]!, /a feeder cannot be called/, name);
  }
});

test('settings on the command line that are wrong name themselves', async (t) => {
  const folder = new ScenarioFolder(t);
  const cases: [Record<string, string[]>, RegExp][] = [
    [{ set: ['load.vuss=4'] }, /unknown key \(set by --set load\.vuss=4\)\n.*did you mean vus\?/],
    [{ set: ['load.vus=x'] }, /^4:\d+: load\.vus: .*found "x" \(set by --set load\.vus=x\)/],
    [{ set: ['steps.gte.timeout=1s'] }, /no item .* gte \(set by --set .*\)\n.*did you mean get\?/],
    [{ set: ['params.x=1'] }, /unknown|no param/],
    [{ set: ['load.vus'] }, /expected --set PATH=VALUE.*\(set by --set load\.vus\)/],
    [{ set: ['load.vus=[1'] }, /not valid YAML/],
    [{ set: ['version=2'] }, /cannot be overridden/],
    [{ set: ['profiles.x.y=2'] }, /cannot be overridden/],
    [{ set: ['steps=null'] }, /steps: is missing/],
    [{ targets: ['wbe=http://x'] }, /no target called wbe/],
    [{ targets: ['web'] }, /expected --target NAME=URL/],
    [
      { targets: ['web=ftp://x'] },
      /expects http:\/\/, https:\/\/ or unix:\/\/, found "ftp:\/\/x" \(set by --target web\)/,
    ],
    [{ profiles: ['nope'] }, /no profile called nope \(set by --profile nope\)/],
  ];
  for (const [options, expected] of cases) {
    const problems = (await folder.problems(smallScenario(), options)).join('\n');
    assert.match(problems, expected, JSON.stringify(options));
  }
});

test('paths that profiles name are checked also while nobody uses the profile', async (t) => {
  const folder = new ScenarioFolder(t);
  const problems = await folder.problems(
    smallScenario(
      'profiles: { p: { load.vuss: 1, steps.get.reqest: {}, targets.web.url.x: 1, flows: { x: { lod: {} } } } }',
    ),
  );
  assert.deepEqual(
    problems.map((problem) => problem.replace(/ \(set by.*/s, '')),
    [
      '5:18: load.vuss: there is no such path',
      '5:32: steps.get.reqest: there is no such path',
      '5:54: targets.web.url.x: nothing can be set below this',
      '5:85: flows.x: there is no flow called x to override',
      '5:90: flows.x.lod: there is no such path',
    ],
  );
});

test('words of later versions are refused as such, and not as slips', async (t) => {
  const folder = new ScenarioFolder(t);
  const later = /known to the language, not supported by this version/;
  for (const text of [
    smallScenario().replace('driver: http', 'driver: exec'),
    smallScenario().replace('driver: http', 'driver: faiss, client: sdk'),
  ]) {
    const problems = await folder.problems(text);
    assert.equal(
      problems.filter((problem) => later.test(problem)).length,
      1,
      `${text}${problems.join()}`,
    );
  }
});

test('a percentile that the load cannot give enough samples for is a warning', async (t) => {
  const folder = new ScenarioFolder(t);
  const text = smallScenario('thresholds: ["response_time p(99) < 1s"]').replace(
    'constant-vus, vus: 2, duration: 10s',
    'shared-iterations, vus: 2, iterations: 661',
  );
  const { scenario, problems } = await folder.check(text);
  assert.ok(scenario);
  assert.equal(problems.length, 1);
  assert.equal(problems[0]!.severity, 'warning');
  assert.match(problems[0]!.message, /p\(99\) needs 662 samples and the load gives about 661/);
  assert.deepEqual(await folder.problems(text.replace('661', '662')), []);
  const open = text.replace(
    /load: .*/,
    'load: { executor: constant-arrival-rate, rate: 66/s, duration: 10s, maxInFlight: 9 }',
  );
  assert.match((await folder.problems(open))[0]!, /about 660/);
});

test('thresholds that name what is not measured are problems', async (t) => {
  const folder = new ScenarioFolder(t);
  const wrong = [
    'response_tme p(99) < 1s',
    'response_time{stp:get} p(99) < 1s',
    'response_time{step:gte} avg < 1s',
    'response_time rate < 1s',
    'response_time avg < 1%',
    'response_time p99 < 1s',
    'nonsense',
  ];
  const listed = wrong.map((text) => `  - "${text}"`).join('\n');
  const problems = await folder.problems(smallScenario(`thresholds:\n${listed}\n`));
  assert.equal(problems.length, wrong.length, problems.join('\n'));
  for (const [index, problem] of problems.entries()) {
    assert.match(problem, new RegExp(`^${6 + index}:5: thresholds\\[${index}\\]: `));
  }
});

test('more connections than the process may open are refused before the run', async (t) => {
  const folder = new ScenarioFolder(t);
  const { surroundings } = folder.request();
  const withLimit = (descriptorLimit: number | undefined) => ({
    surroundings: { ...surroundings, descriptorLimit },
  });
  const text = smallScenario().replace('vus: 2', 'vus: 500');
  assert.deepEqual(await folder.problems(text, withLimit(564)), []);
  assert.deepEqual(await folder.problems(text, withLimit(undefined)), []);
  const [problem] = await folder.problems(text, withLimit(563));
  assert.match(problem!, /^4:38: load\.vus: .*needs 500 connections.*563 files\.\n.*ulimit -n 564/);
});

test('a plan that could not be computed is refused', async (t) => {
  const text = smallScenario().replace(
    'constant-vus, vus: 2, duration: 10s',
    'constant-arrival-rate, rate: 1000000/s, duration: 10h',
  );
  assert.match(
    (await new ScenarioFolder(t).problems(text))[0]!,
    /load: a plan of 3\.6e\+10 arrivals/,
  );
});

test('a server that nobody can start and a target without an address are problems', async (t) => {
  const folder = new ScenarioFolder(t);
  const web = (keys: string) =>
    folder.problems(
      smallScenario().replace(/targets: .*/, `targets: { web: { driver: http${keys} } }`),
    );
  assert.match((await web(''))[0]!, /targets\.web\.url: needs a url, or the name of a server/);
  assert.match((await web(', url: ""'))[0]!, /needs a url/);
  assert.match((await web(', server: embeding-node'))[0]!, /did you mean embedding-node\?/);
  assert.deepEqual(await web(', url: "", server: embedding-node'), []);
  assert.match((await web(', url: "127.0.0.1:80"'))[0]!, /expects http:\/\//);
  assert.match((await web(', url: "http://"'))[0]!, /expected an address/);
});

test('a scenario that is no map, or nothing at all, is one problem', async (t) => {
  const folder = new ScenarioFolder(t);
  for (const text of ['', '# nothing\n', '- a\n', 'x', 'null', '"\\0"']) {
    const problems = await folder.problems(text);
    assert.equal(problems.length, 1, `${text}: ${problems.join()}`);
    assert.match(problems[0]!, /^\d+:\d+: /);
  }
});

test('a file that is missing, a folder, too big or no text cannot be read', async (t) => {
  const folder = new ScenarioFolder(t);
  const reason = async (file: string): Promise<string> => {
    const request = { ...folder.request(), file: join(folder.path, file) };
    return resolveScenario(request).then(
      () => 'it could',
      (error: Error) => error.message,
    );
  };
  folder.write('big.yaml', '#'.repeat(1_048_577));
  folder.write('binary.yaml', Buffer.from([0xff, 0xfe, 0x00]) as unknown as string);
  assert.match(await reason('missing.yaml'), /there is no such file/);
  assert.match(await reason('.'), /it is not a file/);
  assert.match(await reason('big.yaml'), /1048577 bytes/);
  assert.match(await reason('binary.yaml'), /not UTF-8/);
});

test('all problems are in the error that a run ends with', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('scenario.yaml', TEN_MISTAKES);
  await assert.rejects(resolveScenario(folder.request()), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'SCENARIO_INVALID');
    assert.match(error.message, /^10 problems in /);
    assert.equal(error.message.match(/^.*scenario\.yaml:\d+:\d+: /gm)?.length, 10);
    return true;
  });
});
