/**
 * `npm test` runs the base suite; `npm run test:real` the tests under test/real, which need
 * servers that take minutes to build, or root. Arguments name single files instead. Skipped tests are
 * listed at the end with their reasons, since a skip that nobody reads is a test that nobody has.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';

const args = process.argv.slice(2);
const real = args.includes('--real');
const named = args.filter((arg) => !arg.startsWith('--'));
const all = globSync('test/**/*.test.ts').toSorted();
const chosen = all.filter((file) => file.startsWith('test/real/') === real);
const files = named.length > 0 ? named : chosen;

const seeded = ['--import', './test/support/property-seed.ts'];
const runner = spawn(process.execPath, [...seeded, '--test', '--test-reporter=spec', ...files], {
  stdio: ['ignore', 'pipe', 'inherit'],
});

const skipped: string[] = [];
let rest = '';
runner.stdout.setEncoding('utf8').on('data', (text: string) => {
  process.stdout.write(text);
  const lines = `${rest}${text}`.split('\n');
  rest = lines.pop() ?? '';
  skipped.push(...lines.filter((line) => line.includes('# SKIP') || line.includes('# TODO')));
});
runner.once('close', (code) => {
  if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.join('\n')}`);
  process.exitCode = code ?? 1;
});
