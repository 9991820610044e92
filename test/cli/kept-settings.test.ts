/** What becomes of settings that a server says that it keeps of a collection. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { Result } from '../../src/results/schema/result.ts';
import { runScenario, scenarioFolder, startLoadgen } from '../support/run-loadgen.ts';

interface Wanted {
  readonly metric: string;
  readonly index: Readonly<Record<string, unknown>>;
}

/** servers/faiss as far as it makes collections, which may keep another `ef` than it is given. */
const keeps: { ef?: number } = {};
let made: Wanted | undefined;
const server = createServer((request, response) => void answer(request, response));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'POST') made = JSON.parse(await bodyOf(request)) as Wanted;
  const { metric = '', index = {} } = made ?? {};
  const described = { rows: 0, indexed: true, metric, index: { ...index, ...keeps } };
  response.end(JSON.stringify(request.method === 'GET' ? described : {}));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  delete keeps.ef;
  made = undefined;
});
after(() => server.close());

const scenario = (expected = 'kept.ef == 200'): string => `
version: 1
targets: { db: { driver: faiss, url: "http://127.0.0.1:${(server.address() as AddressInfo).port}" } }
prepare:
  - { name: clear, drop: { collection: bench } }
  - name: make
    create: { collection: bench, dimension: 4, index: { kind: hnsw, ef: 200, m: 16 } }
    expect: ["${expected}"]
steps: [{ name: look, ready: { collection: bench, states: [inserted], every: 1ms } }]
load: { executor: shared-iterations, vus: 1, iterations: 1 }
`;

test('what a server keeps stands in the result of prepare, and expressions can read it', async () => {
  const run = await runScenario(scenario());
  assert.equal(run.code, 0, run.errors);
  const [part] = (run.result as unknown as Result).preparations!;
  const settings = { kind: 'hnsw', metric: 'l2', m: 16, ef: 200 };
  assert.deepEqual(part!.settingsKept, [{ target: 'db', of: 'bench', settings }]);
});

test('it is printed', async () => {
  const folder = scenarioFolder(scenario());
  const { output, errors } = await startLoadgen(['prepare', 'scenario.yaml'], { folder }).ended;
  assert.match(output, /bench, says the server: kind hnsw, metric l2, m 16, ef 200/, errors);
});

test('a collection that keeps another setting than was asked for fails the step that makes it', async () => {
  keeps.ef = 100;
  const run = await runScenario(scenario());
  assert.equal(run.code, 100, run.errors);
  assert.match(
    run.errors,
    /prepare step "make" failed: check_failed \(the server keeps ef 100, where 200 was asked for\)/,
  );
});
