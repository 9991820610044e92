import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Freeze } from '../../servers/reference/freeze.ts';
import { lindley } from '../../servers/reference/lindley.ts';
import { readOptions } from '../../servers/reference/options.ts';
import type { LogEntry } from '../../servers/reference/request-log.ts';
import { startReferenceServer } from '../../servers/reference/server.ts';
import type { Counts } from '../../servers/reference/control.ts';

const mainFile = fileURLToPath(new URL('../../servers/reference/main.ts', import.meta.url));

async function startProcess(...flags: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [mainFile, '--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { child, url: /http:\S+?(?=,)/.exec(line)![0] };
}

/** Sends `requests` GETs at a fixed rate whatever the answers do, and waits for all of them. */
async function sendAtRate(
  url: string,
  { requests, ratePerSecond }: { requests: number; ratePerSecond: number },
): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const beganMs = performance.now();
  const answers: Promise<unknown>[] = [];
  while (answers.length < requests) {
    const dueNow = ((performance.now() - beganMs) * ratePerSecond) / 1_000;
    while (answers.length < Math.min(dueNow, requests)) answers.push(getWhole(url, agent));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(answers);
  agent.destroy();
}

async function getWhole(url: string, agent: Agent, method = 'GET'): Promise<string> {
  const outgoing = request(url, { agent, method });
  outgoing.end();
  const [message] = (await once(outgoing, 'response')) as [IncomingMessage];
  return Buffer.concat((await message.toArray()) as Buffer[]).toString();
}

/** Rows of the CSV without its head; an empty departure reads as NaN. */
function parseLog(csv: string): Omit<LogEntry, 'mark'>[] {
  const [head, ...lines] = csv.trimEnd().split('\n');
  assert.equal(head, 'sequence,arrival_ns,due_ns,departure_ns,status,path,lane,iteration');
  return lines.map((line) => {
    const [sequence, arrival, due, departure, status, path] = line.split(',');
    return {
      sequence: Number(sequence),
      arrivalNs: Number(arrival),
      dueNs: Number(due),
      departureNs: departure === '' ? NaN : Number(departure),
      status: Number(status),
      path: path!,
    };
  });
}

// How punctually it departs is a matter of a quiet core, and measured by bench/freeze.ts.
test("a frozen server's log follows Lindley's recursion on its own arrivals", async () => {
  const flags = ['--service-time', '15ms', '--slots', '4', '--freeze', '100ms/500ms'];
  const { child, url } = await startProcess(...flags);
  try {
    await sendAtRate(`${url}/`, { requests: 400, ratePerSecond: 200 });
    const rows = parseLog(await (await fetch(`${url}/__log`)).text());
    const { freeze } = (await (await fetch(`${url}/__settings`)).json()) as { freeze: Freeze };
    assert.equal(rows.length, 400);
    const arrivalsNs = rows.map(({ arrivalNs }) => arrivalNs);
    const truthNs = lindley({ arrivalsNs, serviceTimeNs: 15e6, slots: 4, freeze });
    for (const [index, row] of rows.entries()) {
      assert.equal(row.dueNs, truthNs[index]);
      assert.ok(row.departureNs >= row.dueNs, 'nothing leaves early');
    }
    const delayed = rows.filter(({ arrivalNs, dueNs }) => dueNs - arrivalNs > 100e6).length;
    assert.ok(delayed > 10, 'a good part of the requests met a window');
  } finally {
    child.kill('SIGKILL');
  }
});

test('counts equal the requests made, and control paths and health are left out', async () => {
  const server = await startReferenceServer({ port: 0 });
  const agent = new Agent({ keepAlive: true, maxSockets: 3 });
  const counts = async (): Promise<Counts> =>
    JSON.parse(await getWhole(`${server.url}/__count`, agent)) as Counts;
  try {
    await getWhole(`${server.url}/health`, agent);
    const paths = ['/', '/status/503', '/status/404', '/', '/', '/json'];
    await Promise.all(paths.map((path) => getWhole(server.url + path, agent)));
    assert.deepEqual(await counts(), {
      requests: 6,
      responses: 6,
      abandoned: 0,
      unlogged: 0,
      byStatus: { 200: 4, 404: 1, 503: 1 },
      openConnections: 3,
      connectionsAccepted: 3,
    });
    const logged = [...server.log.entries()].map(({ path }) => path);
    assert.deepEqual(logged.toSorted(), paths.toSorted());

    assert.match(await getWhole(`${server.url}/__reset`, agent), /takes POST/);
    assert.equal(await getWhole(`${server.url}/__reset`, agent, 'POST'), '');
    assert.equal(server.log.rows, 0);
    const { requests, openConnections, connectionsAccepted } = await counts();
    assert.deepEqual([requests, openConnections, connectionsAccepted], [0, 3, 0]);
    assert.equal((await fetch(server.url)).headers.get('x-sequence'), '0');
  } finally {
    agent.destroy();
    await server.close();
  }
});

test('a client that leaves before its answer is due is counted as abandoned', async () => {
  const server = await startReferenceServer({ port: 0 });
  try {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /?ms=50 HTTP/1.1\r\nhost: a\r\n\r\n');
    while (server.counts().requests === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    socket.destroy();
    while (server.counts().abandoned === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(server.counts().responses, 0);
    assert.equal(server.counts().openConnections, 0);
    const entry = server.log.entry(0);
    assert.equal(entry.status, 0);
    assert.ok(Number.isNaN(entry.departureNs));
  } finally {
    await server.close();
  }
});

test('an answer that is due soon is still sent by a closing server; silence is cut', async () => {
  const server = await startReferenceServer({ port: 0, serviceTimeNs: 60e6 });
  const answer = fetch(server.url);
  const silent = assert.rejects(fetch(`${server.url}/silence`));
  while (server.counts().requests < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await server.close();
  assert.equal(await (await answer).text(), 'ok\n');
  await silent;
});

test('SIGTERM writes the log under its name and leaves no temporary file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reference-'));
  const file = join(folder, 'log.csv');
  const { child, url } = await startProcess('--log', file);
  try {
    for (const path of ['/', '/status/500', '/a,"b"']) await (await fetch(url + path)).text();
    await assert.rejects(fetch(`${url}/close-before-answer`));
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    const csv = readFileSync(file, 'utf8');
    const rows = parseLog(csv);
    assert.deepEqual(
      rows.map(({ sequence, status }) => [sequence, status]),
      [
        [0, 200],
        [1, 500],
        [2, 404],
        [3, 0],
      ],
    );
    assert.ok(rows[0]!.departureNs > rows[0]!.arrivalNs);
    assert.ok(Number.isNaN(rows[3]!.departureNs));
    assert.deepEqual(readdirSync(folder), ['log.csv']);
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

test('/die ends the process with 1 when allowed', async () => {
  const { child, url } = await startProcess('--allow-die');
  const exited = once(child, 'exit');
  await assert.rejects(fetch(`${url}/die`));
  assert.deepEqual(await exited, [1, null]);
});

test('flags are read with their units, and what is wrong is named', () => {
  const commandLine =
    '--service-time 1.5ms --slots 3 --freeze 500ms/2.5s --seed 9 --log a.csv --port 1 --host ::1';
  const options = readOptions([...commandLine.split(' '), '--allow-die']);
  assert.deepEqual(options, {
    host: '::1',
    port: 1,
    serviceTimeNs: 1_500_000,
    randomService: null,
    slots: 3,
    freeze: { durationNs: 500_000_000, periodNs: 2_500_000_000 },
    seed: 9,
    logFile: 'a.csv',
    allowDie: true,
    audit: false,
    failEvery: null,
  });
  assert.equal(readOptions([]).slots, Infinity);
  for (const [flag, value] of [
    ['--service-time', '5'],
    ['--service-time', 'exponential:5'],
    ['--service-time', 'exponential:5ms/6ms'],
    ['--service-time', 'bimodal:1ms/5ms'],
    ['--service-time', 'bimodal:1ms/5ms/10'],
    ['--service-time', 'bimodal:1ms/5ms/101%'],
    ['--service-time', 'uniform:5ms'],
    ['--freeze', '500ms'],
    ['--freeze', '3s/2s'],
    ['--slots', '0'],
    ['--port', 'x'],
  ] as const) {
    assert.throws(() => readOptions([flag, value]), new RegExp(flag));
  }
});
