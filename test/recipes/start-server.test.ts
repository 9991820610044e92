import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LoadgenError } from '../../src/base/errors/loadgen-error.ts';
import { systemClock } from '../../src/base/time/clock.ts';
import { loadRecipe, recipeNames, serverNames } from '../../src/recipes/load-recipe.ts';
import { portHolder } from '../../src/recipes/port-holder.ts';
import type { Recipe } from '../../src/recipes/recipe-schema.ts';
import { startServer } from '../../src/recipes/start-server.ts';

const silent = { target: 'embeddings', clock: systemClock, status() {}, output() {} };

function recipeRunning(script: string, overrides: Partial<Recipe> = {}): Recipe {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-recipe-'));
  writeFileSync(join(folder, 'server.mjs'), script);
  return {
    name: 'scripted',
    description: 'a server of this test',
    labels: {},
    command: ['${NODE}', '${RECIPE_DIR}/server.mjs', '${PORT}'],
    env: {},
    port: 18990,
    ports: {},
    url: 'http://${HOST}:${PORT}',
    urls: {},
    ready: { path: '/', timeoutSeconds: 5 },
    stop: { signal: 'SIGTERM', graceSeconds: 0.3 },
    folder,
    ...overrides,
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 100 && isAlive(pid); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(isAlive(pid), false, `process ${pid} is still there after 5 s`);
}

test('every shipped recipe is valid', () => {
  assert.ok(recipeNames().includes('embedding-node'));
  for (const name of recipeNames()) assert.equal(loadRecipe(name).name, name);
});

test('an unknown recipe is refused with the known names', () => {
  assert.throws(
    () => loadRecipe('embeding-node'),
    (error: LoadgenError) =>
      error.code === 'RECIPE_UNKNOWN' && error.hint.includes('embedding-node'),
  );
});

test('a server answers when startServer resolves, and is gone when stop does', async () => {
  const server = await startServer({ ...silent, recipe: loadRecipe('embedding-node') });
  const health = await fetch(`${server.url}/health`);
  assert.equal(health.status, 200);
  await server.stop();
  assert.equal(isAlive(server.pid), false);
});

test('a server may have more ports, and other addresses that are found at them', async () => {
  const recipe = recipeRunning(
    `
    import { createServer } from 'node:http';
    for (const port of process.argv.slice(2)) {
      createServer((_, answer) => answer.end(port)).listen(port, '127.0.0.1');
    }
  `,
    {
      command: ['${NODE}', '${RECIPE_DIR}/server.mjs', '${PORT}', '${OTHER_PORT}'],
      ports: { OTHER_PORT: 18991 },
      urls: { other: 'http://${HOST}:${OTHER_PORT}' },
      metrics: 'http://${HOST}:${OTHER_PORT}/metrics',
    },
  );
  const server = await startServer({ ...silent, recipe });
  const other = server.urls['other']!;
  assert.notEqual(other, server.url);
  assert.equal(server.metricsUrl, `${other}/metrics`);
  for (const url of [server.url, other]) {
    assert.equal(await (await fetch(url)).text(), new URL(url).port);
  }
  await server.stop();
  assert.ok(serverNames().includes('triton') && serverNames().includes('triton:grpc'));
});

test('a server that ends early is reported with the last it said', async () => {
  const recipe = recipeRunning(`console.error('no licence found'); process.exit(3);`);
  await assert.rejects(startServer({ ...silent, recipe }), (error: LoadgenError) => {
    assert.equal(error.code, 'SERVER_NOT_STARTED');
    assert.equal(error.exitCode, 92);
    assert.match(error.message, /exit code 3[\s\S]*no licence found/);
    return true;
  });
});

test('a server that never becomes ready is ended and reported', async () => {
  const recipe = recipeRunning(`console.log(process.pid); setInterval(() => {}, 1000);`, {
    ready: { path: '/', timeoutSeconds: 0.5 },
  });
  let pid = 0;
  const output = (line: string): void => void (pid = Number(line));
  await assert.rejects(startServer({ ...silent, recipe, output }), /did not answer within 0.5 s/);
  assert.ok(pid > 0);
  await untilGone(pid);
});

test('a server that ignores the stop signal is killed with its children after the grace', async () => {
  const recipe = recipeRunning(`
    import { createServer } from 'node:http';
    import { spawn } from 'node:child_process';
import { once } from 'node:events';
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    process.on('SIGTERM', () => {});
    createServer((_, answer) => answer.end(String(child.pid))).listen(process.argv[2], '127.0.0.1');
  `);
  const server = await startServer({ ...silent, recipe });
  const childPid = Number(await (await fetch(server.url)).text());
  await server.stop();
  await untilGone(server.pid);
  await untilGone(childPid);
});

test('a loadgen killed with SIGKILL leaves no server behind, and no data of it', async () => {
  const script = `
    const { startServer } = await import(process.argv[1]);
    const { systemClock } = await import(process.argv[2]);
    const recipe = JSON.parse(process.argv[3]);
    const server = await startServer({ recipe, target: 't', clock: systemClock, status() {}, output() {} });
    await fetch(server.url);
    console.log(JSON.stringify({ pid: server.pid, dataFolder: server.dataFolder }));
    setInterval(() => {}, 1000);
  `;
  const modules = ['recipes/start-server.ts', 'base/time/clock.ts'];
  const urls = modules.map((file) => new URL(`../../src/${file}`, import.meta.url).href);
  const argv = [...urls, JSON.stringify(recipeWithData())];
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script, ...argv]);
  const { pid, dataFolder } = await new Promise<{ pid: number; dataFolder: string }>(
    (resolve, reject) => {
      owner.stdout.once('data', (data: Buffer) => resolve(JSON.parse(String(data)) as never));
      owner.stderr.once('data', (data: Buffer) => reject(new Error(String(data))));
    },
  );
  assert.equal(isAlive(pid), true);
  assert.deepEqual(readdirSync(dataFolder), ['row']);
  owner.kill('SIGKILL');
  await untilGone(pid);
  for (let attempt = 0; attempt < 100 && existsSync(dataFolder); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(existsSync(dataFolder), false);
});

const ANSWERING = `
import http from 'node:http';
http.createServer((_, response) => response.end('ok')).listen(Number(process.argv[2]), '127.0.0.1');
`;

test('an answer of a process that was there before is not taken for that of the server', async () => {
  const other = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  // As when somebody takes the port between the look at it and the start.
  const recipe = recipeRunning('setTimeout(() => {}, 60_000);', {
    url: `http://127.0.0.1:${port}`,
  });
  await assert.rejects(
    startServer({ ...silent, recipe }),
    new RegExp(`port ${port} is answered by process ${process.pid}`),
  );
  other.close();
});

test('the port is held by the group that listens on it, and by nobody else', async () => {
  const server = await startServer({ ...silent, recipe: recipeRunning(ANSWERING) });
  const port = Number(new URL(server.url).port);
  assert.deepEqual(portHolder(port, server.pid), { kind: 'ours' });
  await server.stop();
  assert.deepEqual(portHolder(port, server.pid), { kind: 'unknown' });
});

test('where no folder can be made for its data a server is not started, and it is said why', async (t) => {
  const { TMPDIR } = process.env;
  t.after(() =>
    TMPDIR === undefined ? delete process.env['TMPDIR'] : (process.env['TMPDIR'] = TMPDIR),
  );
  const recipe = recipeWithData();
  process.env['TMPDIR'] = '/nowhere/at/all';
  await assert.rejects(
    startServer({ ...silent, recipe }),
    /ENOENT.*\/nowhere\/at\/all\/loadgen-data-/,
  );
});

const KEEPING = `
import { readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
const folder = process.env.KEPT_IN;
http.createServer((_, response) => {
  writeFileSync(folder + '/row', 'kept');
  response.end(JSON.stringify({ folder, asked: process.argv[3], holds: readdirSync(folder) }));
}).listen(Number(process.argv[2]), '127.0.0.1');
`;

function recipeWithData(): Recipe {
  return recipeRunning(KEEPING, {
    command: ['${NODE}', '${RECIPE_DIR}/server.mjs', '${PORT}', '--data=${DATA}/rows'],
    env: { KEPT_IN: '${DATA}' },
  });
}

test('a server has a folder for its data where its recipe names one, as long as it runs', async () => {
  const server = await startServer({ ...silent, recipe: recipeWithData() });
  const dataFolder = server.dataFolder!;
  const answer: unknown = await (await fetch(server.url)).json();
  assert.deepEqual(answer, {
    folder: dataFolder,
    asked: `--data=${dataFolder}/rows`,
    holds: ['row'],
  });
  await server.stop();
  assert.equal(existsSync(dataFolder), false);
  const other = await startServer({ ...silent, recipe: recipeRunning(ANSWERING) });
  assert.equal(other.dataFolder, undefined);
  await other.stop();
});

test('a server that cannot be started leaves no folder behind', async () => {
  const script = `console.error('kept in ' + process.env.KEPT_IN); process.exit(3);`;
  const recipe = recipeRunning(script, { env: { KEPT_IN: '${DATA}' } });
  let folder = '';
  const output = (line: string): void => void (folder = line.replace('kept in ', ''));
  await assert.rejects(startServer({ ...silent, recipe, output }), /exit code 3/);
  assert.match(folder, /loadgen-data-/);
  assert.equal(existsSync(folder), false);
});
