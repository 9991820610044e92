/** The reference server in a process of its own, and the log it keeps of what it did. */
import { readServerLog, type LoggedRequest } from '../../src/results/audit/server-log.ts';
import { freePort } from '../machine/free-port.ts';
import { startPinned } from '../machine/pinned.ts';

/** As its recipe starts it: with a small young generation V8 would stop it 60 times a second. */
export const NODE_FLAGS: readonly string[] = [
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
];

/** A request that was answered; moments are ns of CLOCK_MONOTONIC. */
export type ServedRequest = Pick<LoggedRequest, 'arrivalNs' | 'dueNs' | 'departureNs'>;

export interface PinnedReference {
  readonly url: string;
  reset(): Promise<void>;
  /** Requests that were answered, in order of arrival; CLOCK_MONOTONIC. */
  log(): Promise<readonly ServedRequest[]>;
  stop(): Promise<void>;
}

export async function startReference(flags: readonly string[]): Promise<PinnedReference> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = [
    process.execPath,
    ...NODE_FLAGS,
    'servers/reference/main.ts',
    '--port',
    String(port),
    ...flags,
  ];
  const server = await startPinned(command, `${url}/health`);
  return {
    url,
    async reset() {
      await fetch(`${url}/__reset`, { method: 'POST' });
    },
    async log() {
      const rows = readServerLog(await (await fetch(`${url}/__log`)).text());
      return rows.filter(({ departureNs }) => !Number.isNaN(departureNs));
    },
    stop: () => server.stop(),
  };
}

/** Departure − arrival of each request, ascending, in ns. */
export function residencesNs(log: readonly ServedRequest[]): Float64Array {
  return Float64Array.from(log, ({ arrivalNs, departureNs }) => departureNs - arrivalNs).sort();
}
