import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scenarioFolder, startLoadgen } from '../support/run-loadgen.ts';
import { startUploadServer } from '../support/upload-server.ts';

const PASSWORD = 'correct-horse-battery';
const WRITTEN = 'written-in-the-file';
const FROM_ENVIRONMENT = 'token-of-the-environment';

test('what proves who is asking reaches the server, and no file of the results', async (t) => {
  const server = await startUploadServer();
  t.after(() => server.close());
  const folder = scenarioFolder(`version: 1
targets:
  basic: { driver: http, url: "${server.url}", auth: { basic: { user: me, password: "\${LOADGEN_TEST_PASSWORD}" } } }
  bearer: { driver: http, url: "${server.url}", auth: { bearer: "\${LOADGEN_TEST_TOKEN}" } }
  signed: { driver: http, url: "${server.url}", auth: { sigv4: { accessKeyId: AKIDEXAMPLE, secretAccessKey: ${WRITTEN}, region: eu-central-1, service: s3 } } }
steps:
  - { name: one, target: basic, request: {} }
  - { name: two, target: bearer, request: {} }
  - { name: three, target: signed, request: { path: /missing } }
load: { executor: shared-iterations, vus: 1, iterations: 3 }
`);
  process.env['LOADGEN_TEST_PASSWORD'] = PASSWORD;
  process.env['LOADGEN_TEST_TOKEN'] = FROM_ENVIRONMENT;
  t.after(() => {
    delete process.env['LOADGEN_TEST_PASSWORD'];
    delete process.env['LOADGEN_TEST_TOKEN'];
  });
  const end = await startLoadgen(['run', 'scenario.yaml'], { folder }).ended;
  assert.ok(end.code === 0 || end.code === 90, `${end.code} ${end.errors}`);
  const said = server.uploads.slice(0, 3).map(({ headers }) => headers.authorization!);
  assert.equal(said[0], `Basic ${Buffer.from(`me:${PASSWORD}`).toString('base64')}`);
  assert.equal(said[1], `Bearer ${FROM_ENVIRONMENT}`);
  assert.match(said[2]!, /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/);

  const results = join(folder, 'results');
  const files = readdirSync(results, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  assert.ok(files.some((file) => file.endsWith('effective_config.yaml')));
  const texts = [end.output, end.errors, ...files.map((file) => readFileSync(file, 'latin1'))];
  const base64 = said[0]!.slice('Basic '.length);
  for (const secret of [PASSWORD, FROM_ENVIRONMENT, WRITTEN, base64, 'AKIDEXAMPLE']) {
    for (const [index, text] of texts.entries()) {
      assert.ok(!text.includes(secret), `${secret} in ${files[index - 2] ?? 'what is printed'}`);
    }
  }
  const config = files.find((file) => file.endsWith('effective_config.yaml'))!;
  assert.match(readFileSync(config, 'utf8'), /region: eu-central-1/);
});
