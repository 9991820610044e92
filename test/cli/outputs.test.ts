import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { startReferenceServer } from '../../servers/reference/server.ts';
import { freePort } from '../support/free-port.ts';
import {
  assertEnded,
  runScenario,
  scenarioFolder,
  startLoadgen,
  temporaryFolder,
} from '../support/run-loadgen.ts';

const TOKEN = 'a-token-of-some-length';
const OTLP_INSTALL = join(import.meta.dirname, '../outputs/otlp-receiver/install.sh');

let server: Awaited<ReturnType<typeof startReferenceServer>>;
before(async () => {
  server = await startReferenceServer({ port: 0, serviceTimeNs: 2e6 });
});
after(() => server.close());

interface RunWithOutputs {
  readonly code: number | null;
  readonly errors: string;
  readonly folder: string;
  /** Operations that ended ok. */
  readonly ok: number;
  readonly result: {
    readonly notes: readonly string[];
    readonly accounts: { readonly measure: { readonly due: number } };
    readonly outputs: readonly {
      readonly name: string;
      readonly accepted: number;
      readonly delivered: number;
      readonly dropped: number;
      readonly lastError: string | null;
    }[];
  };
  readonly summary: string;
  readonly wallMs: number;
}

async function run(outputs: object, seconds = 2): Promise<RunWithOutputs> {
  const beganMs = performance.now();
  const end = await runScenario(scenario(outputs, seconds));
  const wallMs = performance.now() - beganMs;
  assert.ok(end.result, end.errors);
  assertEnded(end, 0);
  const trial = join(end.folder, end.summary.trials[0]!.folder);
  const { output: summary } = await startLoadgen(['report', trial]).ended;
  const ok = end.result.accounts.measure.operations['ok']!;
  const result = end.result as unknown as RunWithOutputs['result'];
  return { ...end, folder: end.folder, ok, result, summary, wallMs };
}

function scenario(outputs: object, seconds: number): string {
  return `
version: 1
targets: { server: { driver: http, url: "${server.url}" } }
steps: [{ name: get, request: { path: / } }]
load: { executor: constant-arrival-rate, rate: 100/s, duration: ${seconds}s }
outputs: ${JSON.stringify(outputs)}
`;
}

const prometheusMissing =
  spawnSync('prometheus', ['--version']).error === undefined
    ? false
    : 'Prometheus is not installed (apt-get install prometheus)';

test(
  'a real Prometheus scrapes the endpoint while the load runs',
  { skip: prometheusMissing },
  async () => {
    const [port, own] = [await freePort(), await freePort()];
    const prometheus = await startPrometheus(own, port);
    try {
      const { ok, result } = await run(
        { prometheus: { listen: `127.0.0.1:${port}`, token: TOKEN } },
        8,
      );
      const query = async (text: string): Promise<number> => {
        const url = `http://127.0.0.1:${own}/api/v1/query?query=${encodeURIComponent(text)}`;
        const answer = (await (await fetch(url)).json()) as {
          data: { result: { value: [number, string] }[] };
        };
        return Number(answer.data.result[0]?.value[1] ?? Number.NaN);
      };
      const sent = 'loadgen_operations_total{outcome="ok",phase="measure",step="get"}';
      const seen = await query(`max_over_time(${sent}[1m])`);
      assert.ok(seen >= 100 && seen <= ok, `${seen} of ${ok}`);
      const median =
        'histogram_quantile(0.5, max_over_time(loadgen_service_time_seconds_bucket{outcome="ok",phase="measure"}[1m]))';
      const seconds = await query(median);
      assert.ok(seconds > 0.001 && seconds < 0.1, String(seconds));
      const [account] = result.outputs;
      assert.ok(account!.delivered >= 2, JSON.stringify(account));
    } finally {
      prometheus.kill('SIGKILL');
      await once(prometheus, 'close');
    }
  },
);

async function startPrometheus(own: number, scraped: number): Promise<ChildProcess> {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `
scrape_configs:
  - job_name: loadgen
    scrape_interval: 1s
    scrape_timeout: 1s
    authorization: { credentials: ${TOKEN} }
    static_configs: [{ targets: ['127.0.0.1:${scraped}'] }]
`,
  );
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${own}`,
  ];
  const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const lines = createInterface({ input: child.stderr });
  for await (const line of lines) if (line.includes('ready to receive web requests')) break;
  child.stderr.resume();
  return child;
}

test('without its token an endpoint says nothing', async () => {
  const port = await freePort();
  const folder = scenarioFolder(
    scenario({ prometheus: { listen: `127.0.0.1:${port}`, token: TOKEN } }, 3),
  );
  const running = startLoadgen(['run', 'scenario.yaml', '--quiet', '--json'], { folder });
  const scrape = async (headers: Record<string, string>, path = '/metrics'): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    return `${answer.status} ${await answer.text()}`;
  };
  let first = '';
  while (first === '') first = await scrape({}).catch(() => '');
  assert.equal(first, '401 ');
  assert.equal(await scrape({ authorization: `Bearer ${TOKEN}x` }), '401 ');
  const headers = { authorization: `Bearer ${TOKEN}` };
  assert.equal(await scrape(headers, '/'), '404 ');
  assert.match(await scrape(headers), /^200 /);
  assertEnded(await running.ended, 0);
});

test('an endpoint that cannot be opened ends the run before its load, and leaves no folder', async () => {
  const { hostname, port } = new URL(server.url);
  const asked = server.counts().requests;
  const folder = scenarioFolder(scenario({ prometheus: { listen: `${hostname}:${port}` } }, 2));
  const { code, errors } = await startLoadgen(['run', 'scenario.yaml'], { folder }).ended;
  assert.equal(code, 104);
  assert.match(errors, /The output prometheus\.listen cannot be opened: .*EADDRINUSE/);
  assert.equal(server.counts().requests, asked);
  assert.ok(!existsSync(join(folder, 'results')));
});

const otlpVenv = spawnSync('bash', [OTLP_INSTALL, '--path'], { encoding: 'utf8' });
const otlpMissing =
  otlpVenv.status === 0
    ? false
    : 'the OpenTelemetry protocol library is not installed (test/outputs/otlp-receiver/install.sh)';

interface OtlpLine {
  readonly error?: string;
  readonly path: string;
  readonly token: string;
  readonly resource: Record<string, string>;
  readonly points: readonly {
    readonly metric: string;
    readonly attributes: Record<string, string>;
    readonly value: number;
    readonly count: number;
    readonly buckets: readonly number[];
    readonly bounds: readonly number[];
    readonly temporality: number;
    readonly startNs: number;
    readonly timeNs: number;
  }[];
}

test(
  'a receiver made of OpenTelemetry’s protocol library reads every export',
  { skip: otlpMissing },
  async () => {
    const python = join(otlpVenv.stdout.trim(), 'bin/python');
    const script = join(import.meta.dirname, '../outputs/otlp-receiver/receiver.py');
    const receiver = spawn(python, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const lines: OtlpLine[] = [];
      const reader = createInterface({ input: receiver.stdout });
      const [first] = (await once(reader, 'line')) as [string];
      const { port } = JSON.parse(first) as { port: number };
      reader.on('line', (line: string) => lines.push(JSON.parse(line) as OtlpLine));
      const url = `http://127.0.0.1:${port}`;
      const { ok, result } = await run(
        { otlp: { url, every: '1s', headers: { 'x-token': TOKEN } } },
        3,
      );
      for (const line of lines) assert.equal(line.error, undefined);
      assert.ok(lines.length >= 3, String(lines.length));
      const last = lines.at(-1)!;
      assert.equal(last.path, '/v1/metrics');
      assert.equal(last.token, TOKEN);
      assert.equal(last.resource['service.name'], 'loadgen');
      const of = (metric: string): OtlpLine['points'] =>
        last.points.filter(
          ({ metric: name, attributes }) =>
            name === metric && attributes['outcome'] === 'ok' && attributes['phase'] === 'measure',
        );
      const [sum] = of('loadgen.operations');
      assert.deepEqual([sum!.value, sum!.temporality], [ok, 2], 'cumulative, with the last second');
      assert.ok(sum!.timeNs > sum!.startNs && sum!.startNs > Date.parse('2026-01-01') * 1e6);
      const [histogram] = of('loadgen.response_time');
      assert.equal(histogram!.count, ok);
      assert.equal(histogram!.buckets.length, histogram!.bounds.length + 1);
      assert.equal(
        histogram!.buckets.reduce((all, count) => all + count, 0),
        ok,
      );
      const [account] = result.outputs;
      assert.deepEqual([account!.dropped, account!.delivered], [0, lines.length]);
    } finally {
      receiver.kill('SIGKILL');
      await once(receiver, 'close');
    }
  },
);

test('StatsD counts of all seconds are what the result counted', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const packets: string[] = [];
  socket.on('message', (packet) => packets.push(packet.toString('utf8')));
  try {
    const address = `127.0.0.1:${socket.address().port}`;
    const { ok, result } = await run({ statsd: { address, tags: 'dogstatsd' } });
    const counted = packets
      .flatMap((packet) => packet.split('\n'))
      .filter((line) => /^loadgen\.ok:\d+\|c\|#scenario:scenario,trial:1,phase:measure$/.test(line))
      .reduce((sum, line) => sum + Number(/:(\d+)\|/.exec(line)![1]), 0);
    assert.equal(counted, ok);
    assert.ok(packets.every((packet) => packet.length <= 1_432));
    assert.equal(result.outputs[0]!.delivered, packets.length);
  } finally {
    socket.close();
  }
});

test('CSV and JSON lines can be read while the load runs, and end with the result’s counts', async () => {
  const outputs = { csv: { file: 'live.csv' }, jsonLines: { file: 'live.jsonl' } };
  const prometheus = { file: 'live.prom' };
  const folder = scenarioFolder(scenario({ ...outputs, prometheus }, 3));
  const running = startLoadgen(['run', 'scenario.yaml', '--quiet', '--json'], { folder });
  let ended = false;
  void running.ended.then(() => (ended = true));
  const rows = (): string[] => {
    const path = join(folder, 'live.jsonl');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').filter(Boolean) : [];
  };
  while (!ended && rows().length === 0) await new Promise((turn) => setTimeout(turn, 20));
  assert.ok(!ended, 'the first row is there before the end');
  const end = await running.ended;
  assertEnded(end, 0);
  const { output } = end;
  const { accounts } = JSON.parse(
    readFileSync(join(folder, JSON.parse(output).trials[0].folder, 'result.json'), 'utf8'),
  );
  const { ok } = accounts.measure.operations;
  const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
  assert.equal(sum(rows().map((row) => JSON.parse(row).ok)), ok);
  const [heading, ...lines] = readFileSync(join(folder, 'live.csv'), 'utf8').trim().split('\r\n');
  const column = heading!.split(',').indexOf('ok');
  assert.equal(sum(lines.map((line) => Number(line.split(',')[column]))), ok);
  const text = readFileSync(join(folder, 'live.prom'), 'utf8');
  const found = /^loadgen_operations_total\{.*outcome="ok",phase="measure"\} (\d+)$/m.exec(text);
  assert.equal(Number(found?.[1]), ok, 'the file ends with the last second');
});

// A sink that hangs, one that dies half way, one that refuses, one that answers with an error.
const SINKS: Readonly<Record<string, { listener?: RequestListener; dropped: RegExp }>> = {
  hangs: { listener: () => {}, dropped: /it took too long|timeout/ },
  dies: { listener: dyingAfter(1), dropped: /other side closed|ECONNRE|socket hang up|terminated/ },
  refuses: { dropped: /ECONNREFUSED/ },
  fails: { listener: (_, response) => response.writeHead(503).end('no'), dropped: /answered 503/ },
};

for (const [name, { listener, dropped }] of Object.entries(SINKS)) {
  test(`a collector that ${name} costs exports, is told, and costs the run nothing`, async () => {
    const collector = listener && createServer(listener).listen(0, '127.0.0.1');
    if (collector !== undefined) await once(collector, 'listening');
    const port =
      collector === undefined ? await freePort() : (collector.address() as AddressInfo).port;
    try {
      const { result, ok, summary, wallMs } = await run({
        otlp: { url: `http://127.0.0.1:${port}`, every: '1s', timeout: '60s' },
      });
      assert.equal(result.accounts.measure.due, 200);
      assert.equal(ok, 200);
      const [account] = result.outputs;
      assert.ok(account!.dropped > 0);
      assert.equal(account!.accepted, account!.delivered + account!.dropped);
      assert.match(account!.lastError!, dropped);
      assert.match(summary, /output otlp: \d+ of \d+ exports dropped/);
      assert.ok(wallMs < 25_000, `${Math.round(wallMs)} ms`);
    } finally {
      collector?.closeAllConnections();
      collector?.close();
    }
  });
}

/** Answers so many requests, then ends every connection in the middle of a request. */
function dyingAfter(answers: number): RequestListener {
  let answered = 0;
  return (request, response) => {
    if (answered++ < answers) response.writeHead(200).end('{}');
    else request.socket.destroy();
  };
}
