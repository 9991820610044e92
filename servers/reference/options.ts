import { parseArgs } from 'node:util';
import { parseDurationNs } from './durations.ts';
import { parseRandomService } from './service-law.ts';
import type { RandomService } from './service-law.ts';

export interface ReferenceOptions {
  readonly host: string;
  /** 0 asks the operating system for a free one. */
  readonly port: number;
  readonly serviceTimeNs: number;
  /** Replaces `serviceTimeNs` by times that differ from request to request. */
  readonly randomService: RandomService | null;
  /** Requests served at the same time; Infinity: nobody waits for another. */
  readonly slots: number;
  /** How long the server stands still, and how far apart these windows begin. */
  readonly freeze: { readonly durationNs: number; readonly periodNs: number } | null;
  readonly seed: number;
  /** Where the log is written when the server closes. */
  readonly logFile: string | null;
  /** Whether `/die` may end the process. */
  readonly allowDie: boolean;
  /** Every path outside `/__` is answered alike, whatever a scenario asks for. */
  readonly audit: boolean;
  /** Of the requests outside `/__`, every so-many-th since the reset fails in this way. */
  readonly failEvery: Failing | null;
}

export interface Failing {
  readonly every: number;
  /** A status from 400 on, or what happens to the connection instead of an answer. */
  readonly how: number | 'close' | 'reset';
}

export const defaultOptions: ReferenceOptions = {
  host: '127.0.0.1',
  port: 8090,
  serviceTimeNs: 0,
  randomService: null,
  slots: Infinity,
  freeze: null,
  seed: 1,
  logFile: null,
  allowDie: false,
  audit: false,
  failEvery: null,
};

/** Bound on the memory that slots take up. */
const mostSlots = 1_000_000;

/** Reads the command line; throws an Error whose message names the flag. */
export function readOptions(commandLine: readonly string[]): ReferenceOptions {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      'service-time': { type: 'string' },
      slots: { type: 'string' },
      freeze: { type: 'string' },
      seed: { type: 'string' },
      log: { type: 'string' },
      'allow-die': { type: 'boolean' },
      audit: { type: 'boolean' },
      'fail-every': { type: 'string' },
    },
    strict: true,
  });
  const { host, port, slots, freeze, seed, log } = values;
  const serviceTime = values['service-time'];
  const failEvery = values['fail-every'];
  return {
    host: host ?? defaultOptions.host,
    port: port === undefined ? defaultOptions.port : integer('--port', port, 0, 65_535),
    ...(serviceTime === undefined
      ? { serviceTimeNs: defaultOptions.serviceTimeNs, randomService: null }
      : flag('--service-time', serviceTime, parseServiceTime)),
    slots: slots === undefined ? defaultOptions.slots : integer('--slots', slots, 1, mostSlots),
    freeze: freeze === undefined ? defaultOptions.freeze : flag('--freeze', freeze, parseFreeze),
    seed: seed === undefined ? defaultOptions.seed : integer('--seed', seed, 0, 2 ** 32 - 1),
    logFile: log ?? defaultOptions.logFile,
    allowDie: values['allow-die'] ?? defaultOptions.allowDie,
    audit: values.audit ?? defaultOptions.audit,
    failEvery:
      failEvery === undefined
        ? defaultOptions.failEvery
        : flag('--fail-every', failEvery, parseFailing),
  };
}

function parseServiceTime(text: string): Pick<ReferenceOptions, 'serviceTimeNs' | 'randomService'> {
  const isConstant = text.startsWith('constant:');
  const randomService = isConstant ? null : parseRandomService(text);
  const constant = isConstant ? text.slice('constant:'.length) : text;
  const serviceTimeNs = randomService === null ? parseDurationNs(constant) : 0;
  return { serviceTimeNs, randomService };
}

function parseFreeze(text: string): { durationNs: number; periodNs: number } {
  const [duration, period, ...rest] = text.split('/');
  if (duration === undefined || period === undefined || rest.length > 0) {
    throw new RangeError(`${JSON.stringify(text)} is not DURATION/PERIOD such as 500ms/2500ms`);
  }
  const durationNs = parseDurationNs(duration);
  const periodNs = parseDurationNs(period);
  if (durationNs >= periodNs) throw new RangeError('the duration must be shorter than the period');
  return { durationNs, periodNs };
}

function parseFailing(text: string): Failing {
  const [, count, how] = /^(\d+):([45]\d\d|close|reset)$/.exec(text) ?? [];
  const every = Number(count);
  if (how === undefined || every < 1) {
    throw new RangeError(
      `${JSON.stringify(text)} is not N:STATUS, N:close or N:reset, such as 100:503`,
    );
  }
  return { every, how: how === 'close' || how === 'reset' ? how : Number(how) };
}

function flag<Value>(name: string, text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text);
  } catch (error) {
    throw new RangeError(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

function integer(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new RangeError(
    `${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`,
  );
}
