import { EXIT_CODES, type ExitCode } from '../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { systemClock } from '../../base/time/clock.ts';
import { TimerWheel } from '../../base/time/timer-wheel.ts';
import { TurnQueue } from '../../base/time/turn-queue.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { loadDriver, type DriverName } from '../../drivers/registry.ts';
import { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import type { CommandIo } from '../command-io.ts';

const CONNECT_TIMEOUT_MS = 5000;

export interface DriverCommandRequest {
  readonly driver: DriverName;
  readonly name: string;
  /** With the scheme of one of the driver's urls, or without one. */
  readonly address: string;
  readonly names: readonly string[];
  /** `key=value` of the target, keys dotted. */
  readonly set: readonly string[];
}

/** A command that a driver brings, at one address. */
export async function driverCommand(
  request: DriverCommandRequest,
  io: CommandIo,
): Promise<ExitCode> {
  const definition = await loadDriver(request.driver);
  const url = urlOf(definition, request.address);
  const options = targetOptions(definition, request);
  const commands = await definition.commands!();
  const clock = systemClock;
  const wheel = new TimerWheel(clock);
  const turns = new TurnQueue(clock);
  try {
    const context = {
      name: request.address,
      url,
      options,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      baseFolder: process.cwd(),
      connection: 'perVu' as const,
      seed: 1,
      clock,
      wheel,
      turns,
      slots: new OperationSlots(0, 0),
    };
    io.write(await commands[request.name]!(context, request.names));
  } finally {
    wheel.close();
  }
  return EXIT_CODES.ok;
}

function urlOf({ schemes }: DriverDefinition, address: string): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `${schemes[0]}://${address}`;
  const scheme = /^[^:]+/.exec(url)![0].toLowerCase();
  if (schemes.includes(scheme) && URL.canParse(url)) return url;
  const expected = `an address such as ${schemes[0]}://host:port`;
  throw new LoadgenError('OPTION_INVALID', {
    option: 'ADDRESS',
    value: address,
    expected,
    command: 'drivers',
  });
}

function targetOptions(
  { targetOptions: schema }: DriverDefinition,
  { driver, name, set }: DriverCommandRequest,
): Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  for (const text of set) put(given, text);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LoadgenError('OPTION_INVALID', {
    option: '--set',
    value: set.join(' '),
    expected: `a key of the target (${issue!.path.join('.')}: ${issue!.message})`,
    command: `${driver} ${name}`,
  });
}

function put(options: Record<string, unknown>, text: string): void {
  const at = text.includes('=') ? text.indexOf('=') : text.length;
  const keys = text.slice(0, at).split('.');
  const last = keys.pop()!;
  let place = options;
  for (const key of keys) place = (place[key] ??= {}) as Record<string, unknown>;
  place[last] = valueOf(text.slice(at + 1));
}

/** Texts, and what JSON has beside them: true, 5, ["a.proto"]. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
