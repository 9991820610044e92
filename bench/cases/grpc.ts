/** gRPC unary calls, 50 in flight over one connection to grpc-go: raw frames, grpc-js and ghz. */
import { failedOperations, runLoadgen } from '../loadgen.ts';
import { disturbance } from '../machine/pinned.ts';
import { missingNotes, searchPeers } from '../peers/registry.ts';
import type { CaseReport, Gate } from '../report/report.ts';
import { startGrpcGo } from '../servers/grpc-go.ts';
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

const IN_FLIGHT = 50;
const RAW = 'loadgen raw';
/** Calls a second of loadgen ÷ those of ghz, at least. */
const LEAST_RATIO = 1;

export const grpc: BenchCase = {
  name: 'grpc',
  question:
    'unary calls a second and CPU on one core, 50 in flight over one connection, beside ghz',
  repetitions: 5,
  seconds: 5,
  run: compare,
};

async function compare(settings: BenchSettings): Promise<CaseReport> {
  const search = searchPeers(['ghz']);
  const server = await startGrpcGo();
  let samples: Samples;
  try {
    samples = await alternate(settings, server.url, {
      [RAW]: own([]),
      ...Object.fromEntries(
        search.there.map((installed) => [installed.peer.name, peerProgram(installed, IN_FLIGHT)]),
      ),
      'loadgen sdk (grpc-js)': own(['targets.server.client=sdk']),
    });
  } finally {
    await server.stop();
  }
  return {
    tables: [tableOf(`gRPC unary, closed loop, ${IN_FLIGHT} in flight`, samples)],
    ratios: ratiosOf('gRPC', samples),
    gates: gatesOf(samples),
    notes: [
      ...missingNotes(search),
      'One connection to grpc-go on the other core; definitions by reflection.',
      'loadgen varies a metadata value and has all its histograms on; ghz sends the same bytes.',
      'CPU is that of the whole process, start and warm-up included, a request.',
      'ghz counts calls that were open when its time was up as failed.',
    ],
    othersShare: median([...samples.values()].flat().map(({ cost }) => disturbance(cost))),
    versions: {
      'grpc-go': server.version,
      ...Object.fromEntries(search.there.map(({ peer, version }) => [peer.name, version])),
    },
  };
}

function own(extra: readonly string[]): Program {
  return async (url, seconds) => {
    const settings = [`params.inFlight=${IN_FLIGHT}`, `load.duration=${seconds}s`, ...extra];
    const { result, cost, operations } = await runLoadgen('grpc', url, { settings });
    return {
      perSecond: result.throughput.operationsPerSecond,
      cpuUs: (cost.cpuSeconds / operations) * 1e6,
      failed: failedOperations(result),
      cost,
    };
  };
}

function gatesOf(samples: Samples): Gate[] {
  const ghz = samples.get('ghz');
  if (ghz === undefined) return [];
  const ratio = median(
    samples.get(RAW)!.map(({ perSecond }, at) => perSecond / ghz[at]!.perSecond),
  );
  return [{ text: `${LEAST_RATIO} × ghz: ${ratio.toFixed(2)}`, holds: ratio >= LEAST_RATIO }];
}
