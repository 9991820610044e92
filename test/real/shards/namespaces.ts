/**
 * Network namespaces with nothing in them but what a test starts: one for a server, which holds a
 * bridge, and one for each client, joined to that bridge by a pair of virtual interfaces. No packet
 * touches the network of the machine.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Addresses of RFC 2544, which are set aside for measurements between devices. */
const NETWORK = '198.18.0';
const BRIDGE = 'bridge';

export interface Star extends AsyncDisposable {
  /** Where the server can be reached from every client. */
  readonly serverHost: string;
  readonly server: string;
  /** Names of the client namespaces, from the first. */
  readonly clients: readonly string[];
}

/** Why namespaces cannot be made here, or false where they can. */
export function whyNoNamespaces(): string | false {
  if (process.getuid?.() !== 0) return 'needs root, for network namespaces';
  const name = `lg-${process.pid}-try`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (made.error !== undefined) return 'needs `ip` (apt-get install iproute2)';
  if (made.status !== 0) return `cannot make network namespaces: ${made.stderr.trim()}`;
  const bridge = ['-n', name, 'link', 'add', BRIDGE, 'type', 'bridge'];
  const linked = spawnSync('ip', bridge, { encoding: 'utf8' });
  spawnSync('ip', ['netns', 'del', name]);
  return linked.status === 0 ? false : `cannot make a bridge: ${linked.stderr.trim()}`;
}

/** Makes the namespaces; disposing of them ends what runs in them and removes them. */
export async function makeStar(clientCount: number): Promise<Star> {
  const server = `lg-${process.pid}-server`;
  const clients = Array.from({ length: clientCount }, (_, n) => `lg-${process.pid}-${n + 1}`);
  const keeper = startKeeper([server, ...clients]);
  const star = {
    serverHost: `${NETWORK}.254`,
    server,
    clients,
    [Symbol.asyncDispose]: () => endKeeper(keeper),
  };
  try {
    addNamespace(server);
    ip('-n', server, 'link', 'add', BRIDGE, 'type', 'bridge');
    ip('-n', server, 'address', 'add', `${star.serverHost}/24`, 'dev', BRIDGE);
    ip('-n', server, 'link', 'set', BRIDGE, 'up');
    for (const [index, client] of clients.entries()) join(server, client, index + 1);
    return star;
  } catch (error) {
    await endKeeper(keeper);
    throw error;
  }
}

/** The command that runs a program in a namespace, in the process that is started. */
export function inNamespace(name: string, command: readonly string[]): readonly string[] {
  return ['ip', 'netns', 'exec', name, ...command];
}

function addNamespace(name: string): void {
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
}

function join(server: string, client: string, number: number): void {
  addNamespace(client);
  const port = `to-${number}`;
  ip('link', 'add', port, 'netns', server, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', client);
  ip('-n', server, 'link', 'set', port, 'master', BRIDGE, 'up');
  ip('-n', client, 'address', 'add', `${NETWORK}.${number}/24`, 'dev', 'eth0');
  ip('-n', client, 'link', 'set', 'eth0', 'up');
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`);
}

/**
 * Removes the namespaces when its input ends, which it also does when this process is killed. What
 * still runs in them is ended first: a namespace lives as long as a process in it.
 */
const KEEPER = `
trap '' INT TERM HUP
cat >/dev/null
for name in "$@"; do
  for pid in $(ip netns pids "$name" 2>/dev/null); do kill -KILL "$pid" 2>/dev/null; done
  ip netns del "$name" 2>/dev/null
done
exit 0
`;

function startKeeper(names: readonly string[]): ChildProcess {
  const args = ['-c', KEEPER, 'keeper', ...names];
  return spawn('bash', args, { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
}

async function endKeeper(keeper: ChildProcess): Promise<void> {
  if (keeper.exitCode !== null) return;
  const ended = once(keeper, 'exit');
  keeper.stdin!.end();
  await ended;
}
