import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driver as http } from '../../src/drivers/http/index.ts';
import { requestShape } from '../../src/scenario/request-shape.ts';
import { resolveScenario } from '../../src/scenario/resolve-scenario.ts';
import type { ResolvedTrial } from '../../src/scenario/resolved.ts';
import { aimedAt, withMarks, withoutAnswers } from '../../src/scenario/stand-in.ts';
import { scenarioFolder } from '../support/run-loadgen.ts';

const TEXT = `
version: 1
targets:
  api: { driver: http, url: "http://me:secret@api.invalid/v1?key=1", labels: { framework: x } }
  other: { driver: http, server: embedding-node }
data: { rows: { inline: [{ text: a }] } }
steps:
  - name: login
    target: api
    request: { path: /login, text: "{{ rows.text }}" }
    expect: ["status == 200"]
    extract: { token: json.token }
  - name: items
    target: other
    request: { path: /items, headers: { authorization: "Bearer {{ steps.login.token }}" } }
  - name: count
    target: api
    request: { json: { nested: ["{{ string(rows.text.size()) }}"] } }
    items: json.n
load: { executor: constant-vus, vus: 3, duration: 5s }
thresholds: ["error_rate == 0%"]
`;

async function trialOf(text: string, set: readonly string[] = []): Promise<ResolvedTrial> {
  const { scenario } = await resolveScenario({
    file: `${scenarioFolder(text)}/scenario.yaml`,
    set,
    environment: {},
    surroundings: { recipes: ['embedding-node'], reportFormats: ['text'], descriptorLimit: 1_024 },
  });
  return scenario.trials[0]!;
}

test('what needs a true answer is left out, and each omission is said', async () => {
  const { trial, changes } = withoutAnswers(await trialOf(TEXT));
  const steps = trial.flows[0]!.steps;
  assert.deepEqual(
    steps.map(({ name, expect, extract, items }) => ({ name, expect, extract, items })),
    [
      { name: 'login', expect: [], extract: {}, items: undefined },
      { name: 'count', expect: [], extract: {}, items: undefined },
    ],
  );
  assert.deepEqual(trial.thresholds, []);
  assert.deepEqual(changes, [
    'step items is left out: it is made of an earlier answer',
    'answers are not checked (expect of 1 step)',
    'nothing is extracted (extract of 1 step)',
    'thresholds are not judged',
  ]);
});

test('targets in use get the address of the stand-in, keep their path, and lose what is theirs', async () => {
  const { trial } = withoutAnswers(await trialOf(TEXT));
  const { trial: aimed, changes } = aimedAt(trial, () => 'http://127.0.0.1:8090');
  assert.deepEqual(Object.keys(aimed.targets), ['api']);
  const { url, labels } = aimed.targets['api']!;
  assert.equal(url, 'http://127.0.0.1:8090/v1?key=1', 'no credentials go to a stand-in');
  assert.deepEqual(labels, {});
  assert.deepEqual(changes, []);
  const secure = { ...trial.targets['api']!, url: 'https://api.invalid' };
  const other = aimedAt({ ...trial, targets: { api: secure } }, () => 'http://127.0.0.1:8090');
  assert.match(other.changes[0]!, /target api is reached by http:\/\/ and not by https:\/\//);
});

test('nothing of a target leads elsewhere than to the stand-in', async () => {
  const { trial } = withoutAnswers(
    await trialOf(
      TEXT.replace(
        'labels: { framework: x }',
        'client: raw, dns: { addresses: [10.0.0.7] }, sourceAddresses: [10.0.0.8], monitor: { prometheus: "http://10.0.0.9/metrics" }',
      ),
    ),
  );
  const { trial: aimed, changes } = aimedAt(trial, () => 'http://127.0.0.1:8090');
  assert.doesNotMatch(JSON.stringify(aimed.targets), /10\.0\.0\./);
  assert.deepEqual(changes, [
    'target api goes without dns: it is on loopback',
    'target api goes without sourceAddresses: it is on loopback',
  ]);
});

test('a scenario that prepares is one without that for a stand-in', async () => {
  const text = TEXT.replace('load:', 'prepare: [{ name: make, target: api, request: {} }]\nload:');
  const { trial, changes } = withoutAnswers(await trialOf(text));
  assert.equal(trial.prepare, undefined);
  assert.ok(changes.includes('nothing is prepared, and nothing cleaned up'));
});

test('marks count the steps of all flows, and a verb without a place for them refuses', async () => {
  const { trial } = withoutAnswers(await trialOf(TEXT));
  const marked = withMarks(trial, new Map([['http', http]]))!;
  const headers = marked.flows[0]!.steps.map(({ spec }) => (spec as { headers: object }).headers);
  assert.deepEqual(headers, [
    { 'x-operation': '0/{{ iteration.id }}' },
    { 'x-operation': '1/{{ iteration.id }}' },
  ]);
  const { marked: _, ...request } = http.verbs['request']!;
  const other = { ...http, verbs: { request } };
  assert.equal(withMarks(trial, new Map([['http', other]])), undefined);
});

test('the shape is that of the requests: neither load nor checks nor address change it', async () => {
  const { hash, driver } = requestShape(await trialOf(TEXT));
  assert.equal(driver, 'http');
  const same = [
    ['load.vus=64', 'load.duration=1s'],
    ['thresholds=[]', 'targets.api.url=http://127.0.0.1:1/'],
  ];
  for (const set of same) assert.equal(requestShape(await trialOf(TEXT, set)).hash, hash);
  assert.equal(requestShape(await trialOf(TEXT.replace('status == 200', 'true'))).hash, hash);
  const others = [
    await trialOf(TEXT.replace('text: a', 'text: b')),
    await trialOf(TEXT.replace('/login', '/logon')),
    await trialOf(TEXT, ['targets.api.connection=perRequest']),
  ];
  for (const other of others) assert.notEqual(requestShape(other).hash, hash);
});
