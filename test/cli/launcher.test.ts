import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { temporaryFolder } from '../scenario/support/scenario-file.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/loadgen.js');

/** A package of its own around a copy of the launcher. */
class Package {
  readonly folder: string;
  readonly launcher: string;

  /** `old`: the running Node counts as too old for the launcher. */
  constructor(context: TestContext, options: { readonly old: boolean }) {
    this.folder = temporaryFolder(context);
    this.launcher = join(this.folder, 'bin/loadgen.js');
    this.write('package.json', '{ "type": "module" }');
    if (options.old) {
      const text = readFileSync(LAUNCHER, 'utf8');
      assert.match(text, /NEEDED_MAJOR = 26;/);
      this.write('bin/loadgen.js', text.replace('NEEDED_MAJOR = 26;', 'NEEDED_MAJOR = 999;'));
      // What the pinned Node is given to run must take that Node for new enough.
      copyFileSync(LAUNCHER, join(this.folder, 'bin/current.js'));
    } else {
      mkdirSync(dirname(this.launcher), { recursive: true });
      copyFileSync(LAUNCHER, this.launcher);
    }
  }

  write(file: string, text: string): string {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** The npm package `node`: this Node, or a shell script in its place. */
  pinNode(script = `shift; exec "${process.execPath}" "${this.folder}/bin/current.js" "$@"`): void {
    const path = this.write('node_modules/node/bin/node', `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  main(body: string): void {
    this.write('dist/src/cli/main.js', `export async function main(args) {\n${body}\n}\n`);
  }

  run(...args: readonly string[]) {
    return spawnSync(process.execPath, [this.launcher, ...args], { encoding: 'utf8' });
  }

  start(): ChildProcess {
    return spawn(process.execPath, [this.launcher], { stdio: ['ignore', 'pipe', 'inherit'] });
  }
}

async function lineOf(child: ChildProcess): Promise<string> {
  const [text] = (await once(child.stdout!.setEncoding('utf8'), 'data')) as [string];
  return text.trim();
}

test('a Node that is new enough runs the command line at once, with its arguments', (t) => {
  const installed = new Package(t, { old: false });
  installed.main('console.log(JSON.stringify(args)); process.exitCode = 7;');
  const { stdout, status } = installed.run('run', 'a b', '--set=x=1');
  assert.equal(stdout, '["run","a b","--set=x=1"]\n');
  assert.equal(status, 7);
});

test('an older Node hands over to the pinned one, with arguments and exit code', (t) => {
  const installed = new Package(t, { old: true });
  installed.pinNode();
  installed.main('console.log(JSON.stringify(args)); process.exitCode = 99;');
  const { stdout, status } = installed.run('run', 'a b');
  assert.equal(stdout, '["run","a b"]\n');
  assert.equal(status, 99);
});

test('the pinned Node is found above the package too, where npm puts what it hoists', (t) => {
  const outer = temporaryFolder(t);
  const inner = join(outer, 'node_modules/loadgen/bin');
  mkdirSync(inner, { recursive: true });
  mkdirSync(join(outer, 'node_modules/node/bin'), { recursive: true });
  const launcher = readFileSync(LAUNCHER, 'utf8').replace(
    'NEEDED_MAJOR = 26;',
    'NEEDED_MAJOR = 999;',
  );
  writeFileSync(join(outer, 'node_modules/loadgen/package.json'), '{ "type": "module" }');
  writeFileSync(join(inner, 'loadgen.js'), launcher);
  writeFileSync(join(outer, 'node_modules/node/bin/node'), '#!/bin/sh\necho found; exit 3\n');
  chmodSync(join(outer, 'node_modules/node/bin/node'), 0o755);
  const { stdout, status } = spawnSync(process.execPath, [join(inner, 'loadgen.js')], {
    encoding: 'utf8',
  });
  assert.equal(stdout, 'found\n');
  assert.equal(status, 3);
});

test('a pinned Node that is too old itself ends in a message and not in a loop', (t) => {
  const installed = new Package(t, { old: true });
  installed.pinNode(`exec "${process.execPath}" "$@"`);
  const { stderr, status } = installed.run();
  assert.match(stderr, /loadgen needs Node 999 or newer, this is v\d+/);
  assert.equal(status, 104);
});

test('without a pinned Node, and without anything to run, the message says what to do', (t) => {
  const old = new Package(t, { old: true }).run();
  assert.equal(old.status, 104);
  assert.match(old.stderr, /npm ci/);
  const empty = new Package(t, { old: false }).run();
  assert.equal(empty.status, 104);
  assert.match(empty.stderr, /npm run build/);
  assert.doesNotMatch(old.stderr + empty.stderr, /^\s+at /m);
});

test('a signal reaches the command line once, and its end is the end of the launcher', async (t) => {
  const installed = new Package(t, { old: true });
  installed.pinNode();
  installed.main(`
    let count = 0;
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {
      count++;
      console.log(signal);
      setTimeout(() => process.exit(100 + count), 200);
    });
    console.log('ready');
    setInterval(() => {}, 1000);`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = installed.start();
    assert.equal(await lineOf(child), 'ready');
    child.kill(signal);
    assert.equal(await lineOf(child), signal);
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 101);
  }
});

test('a command line that a signal ended looks that way from outside', async (t) => {
  const installed = new Package(t, { old: true });
  installed.pinNode();
  installed.main(`process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`);
  const child = installed.start();
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.equal(code, null);
  assert.equal(signal, 'SIGTERM');
});

test('a launcher that is killed takes the command line with it', async (t) => {
  const installed = new Package(t, { old: true });
  installed.pinNode();
  installed.main(`
    process.on('SIGTERM', () => { console.log('stopping'); process.exit(0); });
    console.log(process.pid);
    setInterval(() => {}, 1000);`);
  const child = installed.start();
  const pid = Number(await lineOf(child));
  assert.ok(pid > 0 && pid !== child.pid);
  child.kill('SIGKILL');
  assert.equal(await lineOf(child), 'stopping');
  // The last to hold the pipe was the command line: its end is the end of the pipe.
  await once(child.stdout!, 'end');
});

test('in a checkout the sources run when they are newer than what was compiled', (t) => {
  const checkout = new Package(t, { old: false });
  const source = checkout.write(
    'src/cli/main.ts',
    'export const main = async (args: string[]): Promise<void> => console.log("source");',
  );
  assert.equal(checkout.run().stdout, 'source\n');
  checkout.main('console.log("compiled");');
  const past = new Date(Date.now() - 60_000);
  utimesSync(source, past, past);
  assert.equal(checkout.run().stdout, 'compiled\n');
  checkout.write('src/base/deep/other.ts', '');
  assert.equal(checkout.run().stdout, 'source\n');
});

const LOADED = `import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) });`;

test('help loads no driver, no schema and no command', () => {
  const hooks = `data:text/javascript,${encodeURIComponent(LOADED)}`;
  const { stderr, stdout, status } = spawnSync(
    process.execPath,
    ['--import', hooks, LAUNCHER, '--help'],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /Usage: loadgen/);
  const loaded = stderr.split('\n').filter((url) => url.startsWith('file:'));
  assert.ok(
    loaded.some((url) => url.includes('/cli/program.')),
    stderr,
  );
  const forbidden =
    /\/(drivers|scenario|load|measure|data|recipes|reports|results|run)\/|\/zod\/|\/yaml\//;
  assert.deepEqual(
    loaded.filter((url) => forbidden.test(url.split('/src/')[1] ?? url)),
    [],
  );
});
