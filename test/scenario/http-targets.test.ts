import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScenarioFolder, smallScenario } from './support/scenario-file.ts';

const KEYS = '{ accessKeyId: a, secretAccessKey: b, region: c, service: s3 }';

function target(keys: string, url = 'https://127.0.0.1:8000'): string {
  return smallScenario().replace(
    /targets: .*/,
    `targets: { web: { driver: http, url: "${url}", ${keys} } }`,
  );
}

test('what an http target says must go together with its url', async (t) => {
  const folder = new ScenarioFolder(t);
  for (const [text, expected] of [
    [target('tls: { insecure: true }', 'http://127.0.0.1:1'), /targets\.web\.tls: is for a url/],
    [target('dns: {}', 'unix:///run/app.sock'), /targets\.web\.dns: a unix socket has no host/],
    [target('timeout: 1s', 'unix://run/app.sock'), /targets\.web\.url: expected unix:\/\/\//],
    [
      target('connection: perRequest, requestsPerConnection: 5'),
      /requestsPerConnection: connection: perRequest has one request each already/,
    ],
    [target('tls: { cert: a.pem }'), /tls\.cert: needs `key` beside it/],
    [target('tls: { minVersion: TLSv1.3, maxVersion: TLSv1.2 }'), /maxVersion: is older/],
    [target('tls: { ca: missing.pem }'), /tls\.ca: there is no file "missing\.pem"/],
    [target('sourceAddresses: [localhost]'), /sourceAddresses\[0\]: an IP address/],
    [target('tls: { insecur: true }'), /unknown key/],
    [
      target('connections: 2'),
      /connections: over HTTP\/1\.1 and with client: sdk each has its own/,
    ],
    [target('client: sdk, http: 2, connections: 2'), /connections: over HTTP\/1\.1 and with/],
    [target('client: sdk, http: 2', 'http://127.0.0.1:1'), /http: HTTP\/2 needs a url that/],
    [target('proxy: "http://p:1"'), /targets\.web\.proxy: a proxy needs client: sdk/],
    [target('client: sdk, redirects: 3'), /targets\.web\.redirects: client: sdk does not/],
    [target('auth: {}'), /targets\.web\.auth: one of basic, bearer and sigv4/],
    [
      target(`redirects: 1, auth: { sigv4: ${KEYS} }`),
      /targets\.web\.redirects: a signed request is signed for one path/,
    ],
  ] as const) {
    const problems = await folder.problems(text);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0]!, expected);
  }
});

test('what goes together is accepted', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('ca.pem', '');
  for (const text of [
    target('tls: { ca: ca.pem, serverName: a.test, minVersion: TLSv1.2, resume: true }'),
    target('dns: { addresses: [10.0.0.1, "fd00::1"], pick: in-turn, ttl: 30s }'),
    target('requestsPerConnection: 100, sourceAddresses: [127.0.0.2]', 'http://host:1'),
    target('timeout: 1s', 'unix:///run/app.sock'),
    target('http: 2, connections: 8, requestsPerConnection: 1000'),
    target('http: 2', 'http://127.0.0.1:1'),
    target('http: 2', 'unix:///run/app.sock'),
    target('client: sdk, http: 2, proxy: "http://127.0.0.1:3128"'),
    target(`redirects: 5, cookies: true, decompress: true, auth: { bearer: token }`),
    smallScenario('thresholds: ["call_time avg < 1s"]').replace(
      'http://127.0.0.1:8000"',
      'http://127.0.0.1:8000", client: sdk',
    ),
  ]) {
    assert.deepEqual(await folder.problems(text), []);
  }
});

test('body files are looked for before the run, those that rows name are not', async (t) => {
  const folder = new ScenarioFolder(t);
  folder.write('there', 'body');
  const step = (body: string): string => smallScenario().replace('path: /', `path: /, ${body}`);
  for (const [body, at] of [
    ['file: missing', 'steps.get.request.file'],
    ['multipart: [{ name: a, text: x }, { name: b, file: missing }]', 'multipart.b.file'],
  ] as const) {
    const problems = await folder.problems(step(body));
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.ok(problems[0]!.includes(`${at}: there is no file "missing"`), problems.join());
  }
  assert.deepEqual(await folder.problems(step('file: there')), []);
  const ofRows =
    step('file: "{{ rows.name }}"') + 'data: { rows: { inline: [{ name: missing }] } }';
  assert.deepEqual(await folder.problems(ofRows), []);
});
