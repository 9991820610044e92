#!/usr/bin/env node
/**
 * Starts loadgen under the Node that it is built for, whatever Node this is. Only syntax that
 * Node 12 reads may stand here, or an old Node would end with a SyntaxError instead of a message.
 *
 * - Under an older Node: the one of the npm package `node`, which installing loadgen brought
 *   along, runs this file again. Its process has a group of its own, so that a Ctrl+C reaches it
 *   once, through here, and not twice; and it is tied to this process by a channel, so that it
 *   stops should this one be killed.
 * - In a checkout: the sources run as they are when they are newer than `dist`, or when nothing
 *   has been compiled. An installed package has no sources and always runs `dist`.
 */
import { spawn } from 'child_process';
import { existsSync, readdirSync, statSync } from 'fs';
import { constants } from 'os';
import { dirname, join } from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

const NEEDED_MAJOR = 26;
/** Set for the second start, so that a wrong `node` package cannot make a loop. */
const RESTARTED = 'LOADGEN_RESTARTED';
/** `configuration` in src/base/errors/exit-codes.ts. */
const EXIT_CONFIGURATION = 104;
/** Handed on as they come. SIGKILL and SIGSTOP cannot be caught. */
const SIGNALS = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGCONT',
];

const file = fileURLToPath(import.meta.url);
const root = dirname(dirname(file));

start();

function start() {
  const restarted = process.env[RESTARTED] !== undefined;
  delete process.env[RESTARTED];
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
    if (restarted) stopWithParent();
    return runHere();
  }
  const pinned = restarted ? undefined : findPinnedNode();
  if (pinned === undefined) return refuse();
  return runUnder(pinned);
}

function stopWithParent() {
  if (!process.connected) return;
  process.on('disconnect', function () {
    process.kill(process.pid, 'SIGTERM');
  });
  process.channel.unref();
}

function runHere() {
  const main = findMain();
  if (main === undefined) {
    fail(
      'loadgen has not been built: ' +
        join(root, 'dist') +
        ' is missing. Run `npm run build` there.',
    );
    return;
  }
  import(pathToFileURL(main).href).then(
    function (module) {
      return module.main(process.argv.slice(2));
    },
    function (error) {
      fail('loadgen cannot be loaded from ' + main + ': ' + error.stack);
    },
  );
}

function findMain() {
  const compiled = join(root, 'dist', 'src', 'cli', 'main.js');
  const sources = join(root, 'src');
  const source = join(sources, 'cli', 'main.ts');
  if (!existsSync(source)) return existsSync(compiled) ? compiled : undefined;
  if (!existsSync(compiled)) return source;
  return newerThan(sources, statSync(compiled).mtimeMs) ? source : compiled;
}

/** Whether any file below `folder` was changed after `timeMs`: some 150 calls of stat, 2 ms. */
function newerThan(folder, timeMs) {
  return readdirSync(folder, { withFileTypes: true }).some(function (entry) {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? newerThan(path, timeMs) : statSync(path).mtimeMs > timeMs;
  });
}

/** `node_modules/node/bin/node` beside this package, or in any folder above it. */
function findPinnedNode() {
  for (let folder = root; ; folder = dirname(folder)) {
    const candidates = [
      join(folder, 'node_modules', 'node', 'bin', 'node'),
      join(folder, 'node', 'bin', 'node'),
    ];
    const found = candidates.find(existsSync);
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

function runUnder(node) {
  const environment = Object.assign({}, process.env);
  environment[RESTARTED] = '1';
  const child = spawn(node, process.execArgv.concat([file], process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
    env: environment,
  });
  SIGNALS.forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  // Ctrl+Z stops the child too, and `fg` wakes it through SIGCONT.
  process.on('SIGTSTP', function () {
    child.kill('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  });
  child.on('error', function (error) {
    fail('loadgen cannot start ' + node + ': ' + error.message);
  });
  child.on('exit', endLike);
}

/** Ends as the child did: with its exit code, or by the signal that ended it. */
function endLike(code, signal) {
  if (signal === null) process.exit(code);
  SIGNALS.forEach(function (name) {
    process.removeAllListeners(name);
  });
  process.kill(process.pid, signal);
  // A signal that this process survives: the shell's convention for one that was ended by it.
  setTimeout(function () {
    process.exit(128 + (constants.signals[signal] || 0));
  }, 100);
}

function refuse() {
  fail(
    'loadgen needs Node ' +
      NEEDED_MAJOR +
      ' or newer, this is ' +
      process.version +
      ', and the ' +
      'npm package `node`, which brings the right one along, is not installed beside it. ' +
      'Run `npm ci` in ' +
      root +
      ', or start loadgen with a newer Node.',
  );
}

function fail(message) {
  process.stderr.write(message + '\n');
  process.exitCode = EXIT_CONFIGURATION;
}
