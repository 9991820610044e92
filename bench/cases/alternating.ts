/** Programs that take turns on one server, and what they did: for cases that compare several. */
import { disturbance, runPinned, type Cost } from '../machine/pinned.ts';
import type { InstalledPeer } from '../peers/registry.ts';
import { share, whole, wholeSpread } from '../report/figures.ts';
import type { Ratio, Table } from '../report/report.ts';
import { median, spread } from '../statistics.ts';
import type { BenchSettings } from './bench-case.ts';

/** What one program did in one repetition. */
export interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly failed: number;
  readonly cost: Cost;
}

export type Program = (url: string, seconds: number) => Promise<Sample>;

/** By the program's name. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** Each program in turn, so that all see the same machine. */
export async function alternate(
  { repetitions, seconds, say }: BenchSettings,
  url: string,
  programs: Readonly<Record<string, Program>>,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(Object.keys(programs).map((name) => [name, []]));
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    for (const [name, run] of Object.entries(programs)) {
      const sample = await run(url, seconds);
      samples.get(name)!.push(sample);
      const { perSecond, cpuUs } = sample;
      say(`${repetition}: ${name} ${whole(perSecond)}/s, ${cpuUs.toFixed(1)} µs CPU`);
    }
  }
  return samples;
}

export function peerProgram(
  { peer, program }: InstalledPeer,
  connections: number,
  load: { readonly streams?: number } = {},
): Program {
  return async (url, seconds) => {
    const command = peer.command(program, { url, seconds, connections, ...load })!;
    const cost = await runPinned(command);
    if (cost.code !== 0) throw new Error(`${peer.name} ended with ${cost.code}: ${cost.errors}`);
    const { requests, perSecond, failed } = peer.parse(cost.output);
    return { perSecond, cpuUs: (cost.cpuSeconds / requests) * 1e6, failed, cost };
  };
}

export function tableOf(title: string, samples: Samples): Table {
  return {
    title: `${title}: median (range)`,
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
export function ratiosOf(protocol: string, samples: Samples): Record<string, Ratio> {
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
