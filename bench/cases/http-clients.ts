/**
 * What loadgen's two clients cost, and what other tools do over HTTP/2: raw sockets against undici
 * over HTTP/1.1, then undici, k6 and h2load over HTTP/2 with TLS, one stream a connection.
 */
import { failedOperations, runLoadgen } from '../loadgen.ts';
import { disturbance, runPinned, type Cost } from '../machine/pinned.ts';
import { missingNotes, searchPeers, type InstalledPeer } from '../peers/registry.ts';
import { share, whole, wholeSpread } from '../report/figures.ts';
import type { CaseReport, Ratio, Table } from '../report/report.ts';
import { startNginx } from '../servers/nginx.ts';
import { median, spread } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CONNECTIONS = 16;
const SDK = ['targets.server.client=sdk'];
const SDK_HTTP2 = [...SDK, 'targets.server.http=2', 'targets.server.tls.insecure=true'];

export const httpClients: BenchCase = {
  name: 'http-clients',
  question: 'raw sockets against undici, and HTTP/2 beside k6 and h2load, 16 connections, one core',
  repetitions: 3,
  seconds: 5,
  run: compare,
};

interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly failed: number;
  readonly cost: Cost;
}

type Program = (url: string, seconds: number) => Promise<Sample>;

/** By the program's name. */
type Samples = ReadonlyMap<string, readonly Sample[]>;

async function compare(settings: BenchSettings): Promise<CaseReport> {
  const search = searchPeers(['k6', 'h2load']);
  const http1 = await alternate(settings, false, {
    'loadgen raw': own([]),
    'loadgen sdk (undici)': own(SDK),
  });
  const http2 = await alternate(settings, true, {
    'loadgen sdk (undici)': own(SDK_HTTP2),
    ...Object.fromEntries(
      search.there.map((installed) => [installed.peer.name, runPeer(installed)]),
    ),
  });
  const all = [http1, http2].flatMap((samples) => [...samples.values()].flat());
  return {
    tables: [tableOf('HTTP/1.1', http1), tableOf('HTTP/2 over TLS', http2)],
    ratios: { ...ratiosOf('HTTP/1.1', http1), ...ratiosOf('HTTP/2', http2) },
    gates: [],
    notes: [
      ...missingNotes(search),
      `${CONNECTIONS} connections, one request at a time each; nginx on the other core.`,
      'CPU is that of the whole process, start and warm-up included, a request.',
      'others: the part of the core that other programs had in the meantime, and what was stolen.',
    ],
    othersShare: median(all.map(({ cost }) => disturbance(cost))),
    versions: Object.fromEntries(search.there.map(({ peer, version }) => [peer.name, version])),
  };
}

/** Each program in turn, so that all see the same machine. */
async function alternate(
  { repetitions, seconds, say }: BenchSettings,
  http2: boolean,
  programs: Readonly<Record<string, Program>>,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(Object.keys(programs).map((name) => [name, []]));
  const server = await startNginx({ http2 });
  try {
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      for (const [name, run] of Object.entries(programs)) {
        const sample = await run(server.url, seconds);
        samples.get(name)!.push(sample);
        const { perSecond, cpuUs } = sample;
        say(`${repetition}: ${name} ${whole(perSecond)}/s, ${cpuUs.toFixed(1)} µs CPU`);
      }
    }
  } finally {
    await server.stop();
  }
  return samples;
}

function own(settings: readonly string[]): Program {
  return async (url, seconds) => {
    const all = [`params.connections=${CONNECTIONS}`, `load.duration=${seconds}s`, ...settings];
    const { result, cost, operations } = await runLoadgen('get', url, { settings: all });
    return {
      perSecond: result.throughput.operationsPerSecond,
      cpuUs: (cost.cpuSeconds / operations) * 1e6,
      failed: failedOperations(result),
      cost,
    };
  };
}

function runPeer({ peer, program }: InstalledPeer): Program {
  return async (url, seconds) => {
    const command = peer.command(program, { url, seconds, connections: CONNECTIONS })!;
    const cost = await runPinned(command);
    if (cost.code !== 0) throw new Error(`${peer.name} ended with ${cost.code}: ${cost.errors}`);
    const { requests, perSecond, failed } = peer.parse(cost.output);
    return { perSecond, cpuUs: (cost.cpuSeconds / requests) * 1e6, failed, cost };
  };
}

function tableOf(protocol: string, samples: Samples): Table {
  return {
    title: `${protocol}, closed loop, ${CONNECTIONS} connections: median (range)`,
    head: ['program', 'requests/s', 'CPU µs/request', 'failed', 'others'],
    rows: [...samples].map(([name, all]) => [
      name,
      wholeSpread(all.map(({ perSecond }) => perSecond)),
      spread(
        all.map(({ cpuUs }) => cpuUs),
        1,
      ),
      whole(all.reduce((sum, { failed }) => sum + failed, 0)),
      share(median(all.map(({ cost }) => disturbance(cost)))),
    ]),
  };
}

/** loadgen's own client of the first row against each of the others, repetition by repetition. */
function ratiosOf(protocol: string, samples: Samples): Record<string, Ratio> {
  const [[first, own] = ['', []], ...others] = [...samples];
  return Object.fromEntries(
    others.map(([name, theirs]): [string, Ratio] => [
      `${protocol}, requests/s: ${first} ÷ ${name}`,
      {
        values: own.map(({ perSecond }, at) => perSecond / theirs[at]!.perSecond),
        better: 'higher',
      },
    ]),
  );
}
