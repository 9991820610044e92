/**
 * Streams of server-sent events: the parser alone on recorded bytes; 1,000 live streams of one event
 * a write beside a bare counting reader; and the time to first token while 1,000 streams live, against
 * the moments at which the server wrote them, and beside a bare reader of the same load.
 */
import type { WrittenTimes } from '../../servers/reference-openai/stream.ts';
import { MEASURE } from '../../src/measure/metrics/outcome.ts';
import { readSamples, samplesOriginNs } from '../../src/results/read/read-samples.ts';
import { runLoadgen } from '../loadgen.ts';
import { freePort } from '../machine/free-port.ts';
import { disturbance, runPinned, startPinned } from '../machine/pinned.ts';
import { microseconds, milliseconds, whole, wholeSpread } from '../report/figures.ts';
import type { CaseReport, Table } from '../report/report.ts';
import { exactPercentile, median } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const STREAMS = 1_000;
const EVENTS = 100;
const PARSED_PER_SECOND = 2e6;
const OF_BARE_READER = 0.9;
const TTFT_P99_NS = 500_000;
/** What the machine does to a socket, a bare reader sees too. */
const TTFT_OF_BARE_READER = 2;
/** Of bench/scenarios/stream-rate.yaml: a stream lives for four seconds. */
const STREAMS_PER_SECOND = 250;
const TTFT_PERCENTS = [50, 90, 99];
const SERVER = 'servers/reference-openai/main.ts';

export const sse: BenchCase = {
  name: 'sse',
  question: 'events a second of streams, parsed and live, and the error of the time to first token',
  repetitions: 3,
  seconds: 5,
  run: measure,
};

interface Live {
  readonly perSecond: number;
  readonly cpuUs: number;
  /** Events that one read delivered; unknown of loadgen. */
  readonly perRead?: number;
}

interface Repetition {
  /** Events a second by size of the pieces. */
  readonly parsed: Readonly<Record<string, number>>;
  readonly bare: Live;
  readonly own: Live;
  readonly ttft: readonly TtftPair[];
  readonly othersShare: number;
}

/** A percentile of the times to first token, as the server and as a reader has it. */
interface TtftPair {
  readonly reader: 'bare' | 'loadgen';
  readonly name: string;
  /** From when the reader sent the request to when the server wrote the token. */
  readonly serverNs: number;
  readonly readerNs: number;
}

async function measure(settings: BenchSettings): Promise<CaseReport> {
  const repetitions: Repetition[] = [];
  for (let number = 1; number <= settings.repetitions; number++) {
    const { seconds } = settings;
    const parsed = await runScript<Repetition['parsed']>('bench/sse-parser.ts', [seconds]);
    const live = await compareLive(seconds);
    const { pairs, othersShare } = await compareTtft(seconds);
    const repetition = {
      parsed,
      ...live,
      ttft: pairs,
      othersShare: Math.max(live.othersShare, othersShare),
    };
    repetitions.push(repetition);
    settings.say(
      `${number}: ${whole(live.own.perSecond)} events/s live, bare reader ` +
        `${whole(live.bare.perSecond)}, parser ${whole(Math.min(...Object.values(parsed)))}`,
    );
  }
  return reportOf(repetitions);
}

async function runScript<Printed>(script: string, flags: readonly number[]): Promise<Printed> {
  const finished = await runPinned([process.execPath, script, ...flags.map(String)]);
  if (finished.code !== 0) throw new Error(`${script} ended with ${finished.code}`);
  return JSON.parse(finished.output) as Printed;
}

async function compareLive(
  seconds: number,
): Promise<Pick<Repetition, 'bare' | 'own' | 'othersShare'>> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const source = 'bench/sse-source.ts';
  const command = [process.execPath, source, String(port), String(EVENTS)];
  const server = await startPinned(command, url);
  try {
    const bare = await runScript<Live>('bench/sse-reader.ts', [port, STREAMS, seconds]);
    const settings = [`params.streams=${STREAMS}`, `load.duration=${seconds}s`];
    const { measured, result, cost } = await runLoadgen('stream', url, { settings });
    const { cpuSeconds } = cost;
    const counted = measured.counter('content_chunks');
    // All events, those of the warm-up too: the CPU time is that of the whole process.
    const all = counted + measured.counter('content_chunks', { phase: 'warmup' });
    const perSecond =
      (measured.counter('content_chunks_in_window') +
        measured.counter('content_chunks_in_window', { phase: 'warmup' })) /
      result.durationSeconds;
    const own = { perSecond, cpuUs: (cpuSeconds * 1e6) / all };
    return { bare, own, othersShare: disturbance(cost) };
  } finally {
    await server.stop();
  }
}

/**
 * Streams at even distances. The truth about a time to first token is from when its request was sent,
 * by the reader's stamp, to when the server wrote the token, by its own on the same clock of the machine.
 */
async function compareTtft(
  seconds: number,
): Promise<{ readonly pairs: readonly TtftPair[]; readonly othersShare: number }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const script = ['--min-semi-space-size=64', '--max-semi-space-size=64', SERVER];
  const flags = ['--port', String(port), '--ttft', '50', '--gap', '501.7'];
  const server = await startPinned([process.execPath, ...script, ...flags], `${url}/health`);
  try {
    const bare = await runScript<Readonly<Record<'sentNs' | 'ttftNs', readonly number[]>>>(
      'bench/ttft-reader.ts',
      [port, STREAMS_PER_SECOND, seconds],
    );
    const ofBare = Float64Array.from(bare.ttftNs).sort();
    const bareTruth = await trueTtftNs(url, bare.sentNs);
    const settings = [`load.duration=${seconds}s`];
    const run = await runLoadgen('stream-rate', url, { settings, samples: true });
    const own = run.measured.histogram('ttft_from_sent');
    const ownTruth = await trueTtftNs(url, measuredSendsNs(run.folder));
    const pairs = TTFT_PERCENTS.flatMap((percent): TtftPair[] => {
      const name = `p${percent}`;
      const bareNs = exactPercentile(ofBare, percent);
      const ownNs = own.percentile(percent);
      return [
        { reader: 'bare', name, serverNs: exactPercentile(bareTruth, percent), readerNs: bareNs },
        { reader: 'loadgen', name, serverNs: exactPercentile(ownTruth, percent), readerNs: ownNs },
      ];
    });
    return { pairs, othersShare: disturbance(run.cost) };
  } finally {
    await server.stop();
  }
}

/** When the requests of the measured phase were sent, in ns of CLOCK_MONOTONIC. */
function measuredSendsNs(folder: string): number[] {
  const originNs = samplesOriginNs(folder);
  const samples = readSamples(folder).filter(({ phase }) => phase === MEASURE);
  return samples.map(({ sent }) => originNs + sent);
}

/**
 * From each of these sends to the server's write of its first token, sorted; the server forgets all.
 * Streams begin some ms apart and do not overtake each other; those of the warm-up come before.
 */
async function trueTtftNs(url: string, sentNs: readonly number[]): Promise<Float64Array> {
  const times = (await (await fetch(`${url}/__times`)).json()) as WrittenTimes[];
  const { length } = sentNs;
  if (times.length < length)
    throw new Error(`the server ended ${times.length} of ${length} streams`);
  const written = times.toSorted((one, other) => one.readAtNs - other.readAtNs).slice(-length);
  const sent = Float64Array.from(sentNs).sort();
  return Float64Array.from(
    written,
    ({ readAtNs, firstMs }, index) => readAtNs + firstMs * 1e6 - sent[index]!,
  ).sort();
}

function reportOf(repetitions: readonly Repetition[]): CaseReport {
  const slowestParse = repetitions.map(({ parsed }) => Math.min(...Object.values(parsed)));
  const ofBare = repetitions.map(({ own, bare }) => own.perSecond / bare.perSecond);
  const errorsOf = (of: TtftPair['reader']): number[] =>
    repetitions.map(({ ttft }) => {
      const pair = ttft.find(({ reader, name }) => reader === of && name === 'p99')!;
      return pair.readerNs - pair.serverNs;
    });
  const ttftError = median(errorsOf('loadgen'));
  const bareError = median(errorsOf('bare'));
  return {
    tables: [parserTable(repetitions), liveTable(repetitions), ttftTable(repetitions)],
    ratios: {
      'live events of a bare reader': { values: ofBare, better: 'higher' },
      'parser, million events/s': { values: slowestParse.map((n) => n / 1e6), better: 'higher' },
    },
    gates: [
      {
        text: `parser alone ${whole(median(slowestParse))} events/s, at least 2,000,000`,
        holds: median(slowestParse) >= PARSED_PER_SECOND,
      },
      {
        text: `live ${median(ofBare).toFixed(2)} × a bare reader, at least ${OF_BARE_READER}`,
        holds: median(ofBare) >= OF_BARE_READER,
      },
      {
        text:
          `time to first token at p99 ${microseconds(ttftError)} beyond the server’s, at most ` +
          microseconds(TTFT_P99_NS),
        holds: ttftError <= TTFT_P99_NS,
      },
      {
        text:
          `time to first token at p99 ${microseconds(ttftError)} beyond the server’s, at most ` +
          `${TTFT_OF_BARE_READER} × a bare reader’s ${microseconds(bareError)}`,
        holds: ttftError <= TTFT_OF_BARE_READER * bareError,
      },
    ],
    notes: [
      'CPU µs of loadgen hold its start and its end too; those of the bare reader do not.',
      'a time to first token counts from when the reader sent its request; of the server, until it wrote the token, by its own stamp on the same clock.',
      'where both are as fast as the server writes, the CPU of each tells more than the rate.',
    ],
    othersShare: median(repetitions.map(({ othersShare }) => othersShare)),
    versions: {},
  };
}

function parserTable(repetitions: readonly Repetition[]): Table {
  const sizes = Object.keys(repetitions[0]!.parsed);
  return {
    title: 'The parser alone, on a chat recorded from vLLM',
    head: ['bytes a piece', 'events/s'],
    rows: sizes.map((size) => [
      whole(Number(size)),
      wholeSpread(repetitions.map(({ parsed }) => parsed[size]!)),
    ]),
  };
}

function liveTable(repetitions: readonly Repetition[]): Table {
  const row = (name: string, lives: readonly Live[]): string[] => [
    name,
    wholeSpread(lives.map(({ perSecond }) => perSecond)),
    median(lives.map(({ cpuUs }) => cpuUs)).toFixed(2),
    lives[0]!.perRead === undefined ? '' : median(lives.map((live) => live.perRead!)).toFixed(2),
  ];
  return {
    title: `${whole(STREAMS)} live streams, one event a write`,
    head: ['reader', 'events/s', 'CPU µs an event', 'events a read'],
    rows: [
      row(
        'bare',
        repetitions.map(({ bare }) => bare),
      ),
      row(
        'loadgen',
        repetitions.map(({ own }) => own),
      ),
    ],
  };
}

function ttftTable(repetitions: readonly Repetition[]): Table {
  return {
    title: `Time to first token, 50 ms after the request, ${STREAMS_PER_SECOND} streams a second, 1,000 live`,
    head: ['', 'reader', 'written by the server', 'told by the reader', 'difference'],
    rows: repetitions.flatMap(({ ttft }) =>
      ttft.map(({ reader, name, serverNs, readerNs }) => [
        name,
        reader,
        milliseconds(serverNs),
        milliseconds(readerNs),
        microseconds(readerNs - serverNs),
      ]),
    ),
  };
}
