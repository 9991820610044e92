/**
 * `npm run check`: everything that can be judged without running loadgen. All parts run, also
 * after one failed, so that one call shows every problem.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, resolve } from 'node:path';

const PARTS: Readonly<Record<string, readonly string[]>> = {
  types: ['tsc', '--noEmit'],
  lint: ['oxlint', '--type-aware', '--deny-warnings'],
  layers: [
    'depcruise',
    '--output-type',
    'err-long',
    '--config',
    '.dependency-cruiser.mjs',
    'src',
    'servers',
  ],
  'dead code': ['knip'],
  formatting: ['prettier', '--check', '.'],
  'generated files': ['node', 'scripts/generate-docs.ts', '--check'],
};

/** The tools of this project before those of the system. */
const PATH = `${resolve('node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`;

const failed: string[] = [];
for (const [part, command] of Object.entries(PARTS)) {
  const started = performance.now();
  const [program, ...args] = command;
  const result = spawnSync(program!, args, { encoding: 'utf8', env: { ...process.env, PATH } });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const ok = result.status === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${part} (${seconds} s)`);
  if (ok) continue;
  failed.push(part);
  console.log(`${result.stdout}${result.stderr}`);
}

if (failed.length > 0) {
  console.log(`npm run check failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
