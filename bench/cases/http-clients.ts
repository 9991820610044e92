/**
 * What loadgen's two clients cost, and what other tools do over HTTP/2: raw sockets against undici
 * over HTTP/1.1, then raw sockets, undici, k6 and h2load over HTTP/2 with TLS, first one stream a
 * connection, then all streams over one.
 */
import { failedOperations, runLoadgen } from '../loadgen.ts';
import { disturbance } from '../machine/pinned.ts';
import { missingNotes, searchPeers } from '../peers/registry.ts';
import type { CaseReport, Table } from '../report/report.ts';
import { startNginx } from '../servers/nginx.ts';
import { median } from '../statistics.ts';
import {
  alternate,
  peerProgram,
  ratiosOf,
  tableOf,
  type Program,
  type Samples,
} from './alternating.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CONNECTIONS = 16;
const SDK = ['targets.server.client=sdk'];
const HTTP2 = ['targets.server.http=2', 'targets.server.tls.insecure=true'];
const EACH_ITS_OWN = `targets.server.connections=${CONNECTIONS}`;

export const httpClients: BenchCase = {
  name: 'http-clients',
  question: 'raw sockets against undici, and HTTP/2 beside k6 and h2load, 16 at a time, one core',
  repetitions: 3,
  seconds: 5,
  run: compare,
};

async function compare(settings: BenchSettings): Promise<CaseReport> {
  const search = searchPeers(['k6', 'h2load']);
  const http1 = await onNginx(settings, false, {
    'loadgen raw': own([]),
    'loadgen sdk (undici)': own(SDK),
  });
  const http2 = await onNginx(settings, true, {
    'loadgen raw': own([...HTTP2, EACH_ITS_OWN]),
    'loadgen sdk (undici)': own([...SDK, ...HTTP2]),
    ...Object.fromEntries(
      search.there.map((installed) => [installed.peer.name, peerProgram(installed, CONNECTIONS)]),
    ),
  });
  const shared = await onNginx(settings, true, {
    'loadgen raw': own(HTTP2),
    ...Object.fromEntries(
      search.there
        .filter(({ peer }) => peer.multiplexes === true)
        .map((installed) => [
          installed.peer.name,
          peerProgram(installed, 1, { streams: CONNECTIONS }),
        ]),
    ),
  });
  const all = [http1, http2, shared].flatMap((samples) => [...samples.values()].flat());
  return {
    tables: [
      table('HTTP/1.1', http1),
      table('HTTP/2 over TLS', http2),
      tableOf(`HTTP/2 over TLS, closed loop, ${CONNECTIONS} streams of one connection`, shared),
    ],
    ratios: {
      ...ratiosOf('HTTP/1.1', http1),
      ...ratiosOf('HTTP/2', http2),
      ...ratiosOf('HTTP/2, one connection', shared),
    },
    gates: [],
    notes: [
      ...missingNotes(search),
      `${CONNECTIONS} requests at a time; nginx on the other core.`,
      'CPU is that of the whole process, start and warm-up included, a request.',
      'others: the part of the core that other programs had in the meantime, and what was stolen.',
    ],
    othersShare: median(all.map(({ cost }) => disturbance(cost))),
    versions: Object.fromEntries(search.there.map(({ peer, version }) => [peer.name, version])),
  };
}

async function onNginx(
  settings: BenchSettings,
  http2: boolean,
  programs: Readonly<Record<string, Program>>,
): Promise<Samples> {
  const server = await startNginx({ http2 });
  try {
    return await alternate(settings, server.url, programs);
  } finally {
    await server.stop();
  }
}

function table(protocol: string, samples: Samples): Table {
  return tableOf(`${protocol}, closed loop, ${CONNECTIONS} connections`, samples);
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
