import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Who listens on a port, as far as /proc tells; `earlier`: a process that was there before ours. */
export type PortHolder = { readonly kind: 'ours' | 'unknown' } | EarlierHolder;

interface EarlierHolder {
  readonly kind: 'earlier';
  readonly pid: number;
  readonly command: string;
}

const UNKNOWN: PortHolder = { kind: 'unknown' };

/** Whether `port` is held by the process group that `leader` leads. */
export function portHolder(port: number, leader: number): PortHolder {
  const sockets = new Set(listeningSockets(port));
  const ours = processOf(leader);
  if (sockets.size === 0 || ours === undefined) return UNKNOWN;
  const holders = processes()
    .filter((pid) => holdsOne(pid, sockets))
    .map(processOf)
    .filter((found) => found !== undefined);
  if (holders.some(({ group }) => group === leader)) return { kind: 'ours' };
  const earlier = holders.find(({ startedTicks }) => startedTicks < ours.startedTicks);
  if (earlier === undefined) return UNKNOWN;
  return { kind: 'earlier', pid: earlier.pid, command: earlier.command };
}

const LISTEN = '0A';

/** Inodes of the TCP sockets that listen on a port: proc(5), /proc/net/tcp. */
function listeningSockets(port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    read(file)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(`:${wanted}`) && fields[3] === LISTEN)
      .map((fields) => `socket:[${fields[9]}]`),
  );
}

function processes(): number[] {
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function holdsOne(pid: number, sockets: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  return list(folder).some((fd) => {
    try {
      return sockets.has(readlinkSync(`${folder}/${fd}`));
    } catch {
      return false; // closed meanwhile
    }
  });
}

interface Process {
  readonly pid: number;
  readonly command: string;
  readonly group: number;
  /** Since the machine was started. */
  readonly startedTicks: number;
}

/** Fields of /proc/PID/stat behind the command, which may hold blanks and brackets itself. */
function processOf(pid: number): Process | undefined {
  const [, command, rest] = /^\d+ \((.*)\) (.*)$/s.exec(read(`/proc/${pid}/stat`)) ?? [];
  if (command === undefined || rest === undefined) return undefined;
  const fields = rest.split(' ');
  return { pid, command, group: Number(fields[2]), startedTicks: Number(fields[19]) };
}

/** Empty where there is no such file, or no right to read it. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
