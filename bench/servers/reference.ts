/** The reference server in a process of its own, and the log it keeps of what it did. */
import { freePort } from '../machine/free-port.ts';
import { startPinned } from '../machine/pinned.ts';

/** As its recipe starts it: with a small young generation V8 would stop it 60 times a second. */
const NODE_FLAGS = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

export interface ServedRequest {
  readonly arrivalNs: number;
  /** When it had to leave, by Lindley's recursion. */
  readonly dueNs: number;
  readonly departureNs: number;
}

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
      const text = await (await fetch(`${url}/__log`)).text();
      const [head, ...rows] = text.trim().split('\n');
      const columns = head!.split(',');
      const arrival = columns.indexOf('arrival_ns');
      const due = columns.indexOf('due_ns');
      const departure = columns.indexOf('departure_ns');
      return rows
        .map((row) => row.split(','))
        .filter((row) => row[departure] !== '' && row[departure] !== 'NaN')
        .map((row) => ({
          arrivalNs: Number(row[arrival]),
          dueNs: Number(row[due]),
          departureNs: Number(row[departure]),
        }));
    },
    stop: () => server.stop(),
  };
}

/** Departure − arrival of each request, ascending, in ns. */
export function residencesNs(log: readonly ServedRequest[]): Float64Array {
  return Float64Array.from(log, ({ arrivalNs, departureNs }) => departureNs - arrivalNs).sort();
}
