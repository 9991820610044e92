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
import { NODE_FLAGS } from '../servers/reference.ts';
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
/** A hundredth of the streams of some seconds are few: one stop of either program has them all. */
const TTFT_TIMES_SECONDS = 3;
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
  readonly ttft: readonly TtftRow[];
  readonly othersShare: number;
}

/** A percentile of the errors of times to first token, of both readers. */
interface TtftRow {
  readonly name: string;
  readonly bareNs: number;
  readonly ownNs: number;
  /** The time itself, as loadgen tells it. */
  readonly toldNs: number;
}

async function measure(settings: BenchSettings): Promise<CaseReport> {
  const repetitions: Repetition[] = [];
  for (let number = 1; number <= settings.repetitions; number++) {
    const { seconds } = settings;
    const parsed = await runScript<Repetition['parsed']>('bench/sse-parser.ts', [seconds]);
    const live = await compareLive(seconds);
    const { pairs, othersShare } = await compareTtft(TTFT_TIMES_SECONDS * seconds);
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
): Promise<{ readonly pairs: readonly TtftRow[]; readonly othersShare: number }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const flags = ['--port', String(port), '--ttft', '50', '--gap', '501.7'];
  const server = await startPinned(
    [process.execPath, ...NODE_FLAGS, SERVER, ...flags],
    `${url}/health`,
  );
  try {
    const bare = await runScript<readonly Stream[]>('bench/ttft-reader.ts', [
      port,
      STREAMS_PER_SECOND,
      seconds,
    ]);
    const ofBare = errorsOf(bare, await writesOf(url));
    const settings = [`load.duration=${seconds}s`];
    const run = await runLoadgen('stream-rate', url, { settings, samples: true });
    const ofOwn = errorsOf(measuredStreams(run.folder), await writesOf(url));
    const own = run.measured.histogram('ttft_from_sent');
    const pairs = TTFT_PERCENTS.map((percent): TtftRow => ({
      name: `p${percent}`,
      bareNs: exactPercentile(ofBare, percent),
      ownNs: exactPercentile(ofOwn, percent),
      toldNs: own.percentile(percent),
    }));
    return { pairs, othersShare: disturbance(run.cost) };
  } finally {
    await server.stop();
  }
}

/** A stream as its reader saw it, in ns. */
interface Stream {
  /** On CLOCK_MONOTONIC. */
  readonly sentNs: number;
  /** From then to the first token. */
  readonly ttftNs: number;
}

/** Those of the measured phase. */
function measuredStreams(folder: string): Stream[] {
  const originNs = samplesOriginNs(folder);
  const samples = readSamples(folder).filter(({ phase }) => phase === MEASURE);
  return samples.map(({ sent, values }) => ({
    sentNs: originNs + sent,
    ttftNs: values['ttft_from_sent']!,
  }));
}

/** When the server wrote first tokens, on CLOCK_MONOTONIC, in the order of requests; it forgets all. */
async function writesOf(url: string): Promise<number[]> {
  const times = (await (await fetch(`${url}/__times`)).json()) as WrittenTimes[];
  const inOrder = times.toSorted((one, other) => one.readAtNs - other.readAtNs);
  return inOrder.map(({ readAtNs, firstMs }) => readAtNs + firstMs * 1e6);
}

/**
 * By how much each reader's time to first token is beyond the truth, sorted: from when it sent the
 * request to when the server wrote the token. Streams begin some ms apart and do not overtake each
 * other; those of the warm-up come before.
 */
function errorsOf(streams: readonly Stream[], writtenNs: readonly number[]): Float64Array {
  const { length } = streams;
  if (writtenNs.length < length) {
    throw new Error(`the server ended ${writtenNs.length} of ${length} streams`);
  }
  const written = writtenNs.slice(-length);
  const inOrder = streams.toSorted((one, other) => one.sentNs - other.sentNs);
  return Float64Array.from(
    inOrder,
    ({ sentNs, ttftNs }, index) => sentNs + ttftNs - written[index]!,
  ).sort();
}

function reportOf(repetitions: readonly Repetition[]): CaseReport {
  const slowestParse = repetitions.map(({ parsed }) => Math.min(...Object.values(parsed)));
  const ofBare = repetitions.map(({ own, bare }) => own.perSecond / bare.perSecond);
  const lastsOf = (of: 'ownNs' | 'bareNs'): number[] =>
    repetitions.map(({ ttft }) => ttft.find(({ name }) => name === 'p99')![of]);
  const ttftError = median(lastsOf('ownNs'));
  const bareError = median(lastsOf('bareNs'));
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
          `error of the time to first token p99 ${microseconds(ttftError)}, at most ` +
          microseconds(TTFT_P99_NS),
        holds: ttftError <= TTFT_P99_NS,
      },
      {
        text:
          `error of the time to first token p99 ${microseconds(ttftError)}, at most ` +
          `${TTFT_OF_BARE_READER} × a bare reader’s ${microseconds(bareError)}`,
        holds: ttftError <= TTFT_OF_BARE_READER * bareError,
      },
    ],
    notes: [
      'CPU µs of loadgen hold its start and its end too; those of the bare reader do not.',
      'the error of a time to first token is what it is beyond the time from its send, by the reader’s stamp, to the write of the token, by the server’s own on the same clock.',
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
    title: `Error of the time to first token, 50 ms, ${STREAMS_PER_SECOND} streams a second, 1,000 live`,
    head: ['', 'bare reader', 'loadgen', 'time told by loadgen'],
    rows: repetitions.flatMap(({ ttft }) =>
      ttft.map(({ name, bareNs, ownNs, toldNs }) => [
        name,
        microseconds(bareNs),
        microseconds(ownNs),
        milliseconds(toldNs),
      ]),
    ),
  };
}
