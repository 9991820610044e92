/**
 * `npm run test:mutations [-- TEXT]`: each bug of `mutations/table.ts` (whose name holds TEXT) is
 * put into a copy of the sources, where a named test must then fail. Fails when a bug survives,
 * when its place is no longer there, or when its tests fail without it.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MUTATIONS, type Mutation } from './mutations/table.ts';

/** Of the checkout, what tests read. */
const COPIED = ['bin', 'docs', 'package.json', 'scenarios', 'servers', 'src', 'test'];
/** A mutated loop may never end: that is noticed too. */
const LONGEST_MS = 300_000;
const FAILURE = /^ *not ok \d+ - (.*)\n/m;

const wanted = process.argv[2] ?? '';
const chosen = MUTATIONS.filter(({ name }) => name.includes(wanted));
const scratch = mkdtempSync(join(tmpdir(), 'loadgen-mutations-'));
const temporary = join(scratch, 'tmp');
const problems: string[] = [];
let noticed = 0;
try {
  // Servers of tests may run as somebody else, and keep their data here too.
  chmodSync(scratch, 0o755);
  mkdirSync(temporary);
  chmodSync(temporary, 0o1777);
  for (const name of COPIED) cpSync(name, join(scratch, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(scratch, 'node_modules'));
  const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))];
  const { failed, seconds } = await runTests(tests);
  if (failed.length > 0) report('no bug at all', `is noticed by ${failed.join('; ')}`);
  else console.log(`without a bug ${tests.length} test files pass (${seconds.toFixed(1)} s)`);
  if (failed.length === 0) for (const mutation of chosen) await tryMutation(mutation);
} finally {
  rmSync(scratch, { recursive: true });
}
console.log(`${noticed} of ${chosen.length} bugs are noticed`);
for (const problem of problems) console.log(problem);
if (problems.length > 0 || chosen.length === 0) process.exitCode = 1;

async function tryMutation({ name, file, find, replace, tests }: Mutation): Promise<void> {
  const path = join(scratch, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) {
    report(name, `no longer applies: its place is not in ${file}, or is there more than once`);
    return;
  }
  const mutated = source.replace(find, () => replace);
  stripTypeScriptTypes(mutated); // Throws where the bug is a mere syntax error.
  writeFileSync(path, mutated);
  const { failed, seconds } = await runTests(tests);
  writeFileSync(path, source);
  if (failed.length === 0) {
    report(name, `survives ${tests.join(', ')}`);
    return;
  }
  noticed++;
  console.log(`noticed: ${name} (${seconds.toFixed(1)} s): ${failed[0]}`);
}

function report(name: string, problem: string): void {
  problems.push(`${name}: ${problem}`);
}

/** Runs test files in the scratch folder; returns the titles of those that failed. */
async function runTests(
  files: readonly string[],
): Promise<{ readonly failed: readonly string[]; readonly seconds: number }> {
  const began = performance.now();
  const runner = spawn(process.execPath, ['--test', '--test-reporter=tap', ...files], {
    cwd: scratch,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: LONGEST_MS,
  });
  let output = '';
  runner.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    // One failure is enough.
    if (FAILURE.test(output)) runner.kill();
  });
  const code = await new Promise<number | null>((done) => runner.once('close', done));
  endLeftBehind();
  const titles = [...output.matchAll(new RegExp(FAILURE, 'gm'))].map((match) => match[1]!);
  if (code !== 0 && titles.length === 0) titles.push(`the runner ended with ${code}`);
  return { failed: titles, seconds: (performance.now() - began) / 1_000 };
}

/** A test that was ended could not stop its servers; each works below the scratch folder. */
function endLeftBehind(): void {
  if (!existsSync('/proc/self/cwd')) return;
  const home = realpathSync(scratch);
  for (const id of readdirSync('/proc')) {
    try {
      const folder = readlinkSync(join('/proc', id, 'cwd'));
      if (folder === home || folder.startsWith(`${home}/`)) process.kill(Number(id), 'SIGTERM');
    } catch {
      // No process, one that has ended meanwhile, or somebody else's.
    }
  }
}
