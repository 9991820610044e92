/**
 * Whether the verdict can be believed: honest runs must come out VALID, and runs whose generator
 * could not keep up INVALID, with a reason that names the cause. The reason stands beside each.
 */
import { execFileSync } from 'node:child_process';
import { failedOperations, loadgenCommand, runLoadgen, type LoadgenOptions } from '../loadgen.ts';
import { disturbance, runPinned, startOnClientCore } from '../machine/pinned.ts';
import { openDescriptors } from '../machine/resident.ts';
import { milliseconds, share, whole } from '../report/figures.ts';
import type { CaseReport, Gate } from '../report/report.ts';
import { startReference } from '../servers/reference.ts';
import { median } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CONNECTIONS = 1_000;
const DESCRIPTORS = 256;
const CONFIGURATION_EXIT = 104;
const HALF = 0.5;

export const verdict: BenchCase = {
  name: 'verdict',
  question: 'whether honest runs are VALID, and runs of a generator that fell behind INVALID',
  repetitions: 10,
  seconds: 10,
  run: measure,
};

interface Judged {
  readonly name: string;
  readonly state: string;
  readonly reasons: readonly string[];
  readonly delivered: string;
  readonly lagP99Ns: number;
  readonly receiveErrorP99Ns: number;
  readonly othersShare: number;
  readonly stealShare: number;
}

interface Load extends LoadgenOptions {
  readonly name: string;
  readonly scenario: string;
  readonly server: readonly string[];
}

async function measure({ repetitions, seconds, say }: BenchSettings): Promise<CaseReport> {
  const told = (judged: Judged): Judged => {
    say(`${judged.name}: ${judged.state}${judged.reasons.map((why) => `; ${why}`).join('')}`);
    return judged;
  };
  const { judged: ceiling, perSecond } = await closedLoop(seconds);
  told(ceiling);
  const half = Math.round(perSecond * HALF);
  const honest = await undisturbed(repetitions, () => judge(halfLoad(half, seconds)).then(told));
  const frozen = await undisturbed(1, () => judge(frozenLoad(seconds)).then(told));
  const refused = told(await refusedBeforehand());
  const starved = told(await withBusyLoops(() => judge(starvedLoad(half, seconds))));
  const hopeless = told(await judge(hopelessLoad(seconds)));
  const starvedOfFiles = told(await judge(descriptorLoad(seconds)));
  const all = [ceiling, ...honest, ...frozen, starved, hopeless, starvedOfFiles];
  return {
    tables: [tableOf([...all, refused])],
    ratios: {},
    gates: [
      notInvalidGate(`half the ceiling, ${whole(half)}/s`, honest, repetitions),
      honestGate(`half the ceiling, ${whole(half)}/s`, honest, repetitions),
      honestGate('a server that freezes', frozen, 1),
      invalidGate(starved, /sent late.*ran for/),
      invalidGate(hopeless, /sent late/),
      invalidGate(starvedOfFiles, /refused connections.*ulimit/),
      { text: `${refused.name}: refused with a remedy`, holds: refused.reasons.length > 0 },
    ],
    notes: [
      'others: what other programs and the hypervisor had of the client’s core. Beyond ' +
        `${share(MOST_DISTURBED)} an honest run was in truth disturbed: it is shown, repeated, and ` +
        'no gate looks at it.',
      'an honest run may be SUSPECT where all that speaks against it is the hypervisor’s steal.',
    ],
    othersShare: median(honest.map(({ othersShare }) => othersShare)),
    versions: {},
  };
}

/** What the machine can do with both at their limit: client on one core and server on the other. */
async function closedLoop(seconds: number): Promise<{ judged: Judged; perSecond: number }> {
  let perSecond = 0;
  const judged = await judge(
    {
      name: 'closed loop, 256 connections',
      scenario: 'get',
      server: ['--service-time=10ms'],
      settings: ['params.connections=256', `load.duration=${seconds}s`],
    },
    (rate) => (perSecond = rate),
  );
  return { judged, perSecond };
}

function halfLoad(ratePerSecond: number, seconds: number): Load {
  return {
    name: `half of that: ${whole(ratePerSecond)}/s`,
    scenario: 'open',
    server: ['--service-time=10ms'],
    settings: openSettings(ratePerSecond, seconds),
  };
}

function frozenLoad(seconds: number): Load {
  return {
    name: 'frozen 500 ms every 2.5 s, 1,000/s',
    scenario: 'open',
    server: ['--service-time=1ms', '--freeze=500ms/2500ms'],
    settings: openSettings(1_000, seconds),
  };
}

function starvedLoad(ratePerSecond: number, seconds: number): Load {
  const load = halfLoad(ratePerSecond, seconds);
  return { ...load, name: `${whole(ratePerSecond)}/s beside busy loops on its core` };
}

function hopelessLoad(seconds: number): Load {
  return {
    name: '200,000/s with 2 workers',
    scenario: 'open',
    server: [],
    workers: 2,
    settings: openSettings(200_000, Math.min(seconds, 5)),
  };
}

/** Connections of one request each, so that the limit meets them when it has been lowered. */
function descriptorLoad(seconds: number): Load {
  return {
    name: `${whole(CONNECTIONS)} connections, limit lowered to ${DESCRIPTORS} meanwhile`,
    scenario: 'get',
    server: ['--service-time=100ms'],
    settings: [
      `params.connections=${CONNECTIONS}`,
      `load.duration=${Math.min(seconds, 5)}s`,
      'targets.server.connection=perRequest',
    ],
    // Not before most connections stand: what the scenario asks for is checked against the limit.
    watch: (pid) => {
      if (openDescriptors(pid) < DESCRIPTORS) return;
      execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${DESCRIPTORS}`], { stdio: 'ignore' });
    },
  };
}

function openSettings(ratePerSecond: number, seconds: number): string[] {
  return [`load.rate=${ratePerSecond}/s`, `load.duration=${seconds}s`, 'load.warmup.duration=5s'];
}

async function judge(load: Load, rate?: (perSecond: number) => void): Promise<Judged> {
  const server = await startReference(load.server);
  try {
    const { result, measured, cost } = await runLoadgen(load.scenario, server.url, load);
    const { due } = result.accounts.measure;
    const ok = result.accounts.measure.operations['ok'] ?? 0;
    rate?.(result.throughput.operationsPerSecond);
    return {
      name: load.name,
      state: result.verdict.state,
      reasons: result.verdict.reasons,
      delivered: `${whole(ok)} of ${whole(due)}, ${whole(failedOperations(result))} failed`,
      lagP99Ns: measured.histogram('pacer_lag').percentile(99),
      receiveErrorP99Ns: measured.histogram('receive_error').percentile(99),
      othersShare: disturbance(cost),
      stealShare: cost.stealShare,
    };
  } finally {
    await server.stop();
  }
}

/** What is known beforehand ends before it begins. */
async function refusedBeforehand(): Promise<Judged> {
  const settings = [`params.connections=${CONNECTIONS}`];
  const command = loadgenCommand('get', 'http://127.0.0.1:1', { settings });
  const limited = ['bash', '-c', `ulimit -n ${DESCRIPTORS} && exec "$@"`, 'bash', ...command];
  const { code, errors, othersShare, stealShare } = await runPinned(limited);
  const hint = /Raise the limit.*/.exec(errors)?.[0];
  return {
    name: `${whole(CONNECTIONS)} connections, ulimit -n ${DESCRIPTORS}`,
    state: code === CONFIGURATION_EXIT ? 'refused' : `exit code ${code}`,
    reasons: code === CONFIGURATION_EXIT && hint !== undefined ? [hint] : [],
    delivered: '',
    lagP99Ns: Number.NaN,
    receiveErrorP99Ns: Number.NaN,
    othersShare,
    stealShare,
  };
}

const BUSY_LOOPS = 3;

async function withBusyLoops<Result>(work: () => Promise<Result>): Promise<Result> {
  const loops = Array.from({ length: BUSY_LOOPS }, () =>
    startOnClientCore([process.execPath, '--eval', 'for (;;);']),
  );
  try {
    return await work();
  } finally {
    for (const loop of loops) await loop.stop();
  }
}

function tableOf(all: readonly Judged[]): CaseReport['tables'][number] {
  return {
    title: 'The verdict',
    head: ['run', 'verdict', 'answered ok', 'lag p99', 'receive_error p99', 'others', 'steal'],
    rows: all.map((judged) => [
      judged.name,
      judged.state,
      judged.delivered,
      lag(judged.lagP99Ns),
      lag(judged.receiveErrorP99Ns),
      share(judged.othersShare),
      share(judged.stealShare),
    ]),
  };
}

function lag(ns: number): string {
  return Number.isFinite(ns) ? milliseconds(ns) : '';
}

/** Beyond this share of its core in other hands a run is no longer what it was meant to be. */
const MOST_DISTURBED = 0.1;
const ATTEMPTS = 3;

/** All runs, until so many were undisturbed, or too many were not. */
async function undisturbed(count: number, run: () => Promise<Judged>): Promise<Judged[]> {
  const all: Judged[] = [];
  while (all.filter(isUndisturbed).length < count && all.length < count * ATTEMPTS) {
    all.push(await run());
  }
  return all;
}

function isUndisturbed({ othersShare }: Judged): boolean {
  return othersShare <= MOST_DISTURBED;
}

/** A wrong INVALID throws a good run away; SUSPECT says how far its figures can be trusted. */
function notInvalidGate(text: string, all: readonly Judged[], wanted: number): Gate {
  const runs = all.filter(isUndisturbed);
  const invalid = runs.filter(({ state }) => state === 'INVALID').length;
  return {
    text: `${text}: ${invalid} of ${runs.length} undisturbed runs INVALID, of ${wanted} wanted`,
    holds: runs.length >= wanted && invalid === 0,
  };
}

/** The hypervisor's steal is a true reason to suspect a run, and no fault of the verdict. */
function honestGate(text: string, all: readonly Judged[], wanted: number): Gate {
  const runs = all.filter(isUndisturbed);
  const valid = runs.filter(({ state }) => state === 'VALID');
  const stolen = runs.filter(
    ({ state, reasons }) => state === 'SUSPECT' && reasons.every((why) => /hypervisor/.test(why)),
  );
  const also = stolen.length > 0 ? `, ${stolen.length} SUSPECT for steal alone` : '';
  return {
    text: `${text}: ${valid.length} of ${runs.length} undisturbed runs VALID${also}, of ${wanted} wanted`,
    holds: runs.length >= wanted && valid.length + stolen.length === runs.length,
  };
}

/** INVALID for another reason, as a lost worker, would show nothing. */
function invalidGate({ name, state, reasons }: Judged, because: RegExp): Gate {
  const [first = ''] = reasons;
  const holds = state === 'INVALID' && because.test(first);
  return { text: `${name}: INVALID, since ${first === '' ? 'nothing' : first}`, holds };
}
