import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/run-loadgen.ts';
import { startEmbeddingFixture, type EmbeddingFixture } from './embedding-fixture.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/smoke-test.md'), 'utf8');
/** What makes loadgen be there, which it is. */
const INSTALLING = ['npm ci && npm link'];

let server: EmbeddingFixture;
before(async () => {
  server = await startEmbeddingFixture({ delayMs: 20 });
});
after(() => server.close());

test('the shell commands of the page do what it says, in their order', async () => {
  const checkout = newCheckout();
  for (const block of blocks('sh')) await shell(checkout, block);
  assert.match(readFileSync(join(checkout, 'smoke.md'), 'utf8'), /^## ✓ `smoke`/);
  assert.match(readFileSync(join(checkout, 'smoke.xml'), 'utf8'), /failures="0"/);
  assert.match(readFileSync(join(checkout, 'smoke.csv'), 'utf8'), /^scenario,trial_id,/);
  assert.match(readFileSync(join(checkout, 'smoke.log'), 'utf8'), /\nPASSED: .*\n$/);
});

test('the shell script does not deploy what fails, and says why', async () => {
  const [script] = blocks('sh').filter((block) => block.includes('deploying'));
  server.dimensions = 1;
  try {
    await assert.rejects(
      shell(newCheckout(), script!),
      (error: { code: number; stderr: string }) => {
        assert.equal(error.code, 1);
        assert.match(error.stderr, /^FAILED \(exit code 99: thresholds failed\): .*\n$/);
        return true;
      },
    );
  } finally {
    server.dimensions = 384;
  }
});

test('the steps of the GitHub workflow pass, and write the summary page', async () => {
  const { jobs } = yamlWith('jobs') as { jobs: Record<string, { steps: { run?: string }[] }> };
  const checkout = newCheckout();
  const summary = join(checkout, 'summary.md');
  const commands = Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap(({ run }) => run ?? []),
  );
  assert.equal(commands.length, 3);
  await runAll(checkout, commands, { GITHUB_STEP_SUMMARY: summary });
  assert.match(readFileSync(summary, 'utf8'), /^## ✓ `smoke`\n/);
});

test('the GitLab job passes, and its report is where it says', async () => {
  const { smoke } = yamlWith('smoke') as {
    smoke: { script: string[]; artifacts: { reports: { junit: string } } };
  };
  const checkout = newCheckout();
  await runAll(checkout, smoke.script);
  assert.equal(globSync(smoke.artifacts.reports.junit, { cwd: checkout }).length, 1);
});

test('the command of the Kubernetes job passes', async () => {
  const { spec } = yamlWith('spec') as {
    spec: { template: { spec: { containers: { command: string[]; args: string[] }[] } } };
  };
  const [container] = spec.template.spec.containers;
  const checkout = newCheckout();
  // Kubernetes fills in $(NAME) itself, without a shell.
  const words = [...container!.command, ...container!.args].map((word) =>
    word.replace('$(EMBEDDINGS_URL)', server.url).replace('/tmp/results', 'elsewhere'),
  );
  const output = await shell(checkout, words.map((word) => `'${word}'`).join(' '));
  assert.match(output, /\nPASSED: .*\n$/);
  assert.equal(globSync('elsewhere/smoke/*/report.xml', { cwd: checkout }).length, 1);
});

function blocks(language: string): string[] {
  const fences = PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...fences].map(([, text]) => text!);
}

function yamlWith(key: string): unknown {
  const found = blocks('yaml').map((text) => parse(text) as Record<string, unknown>);
  return found.find((document) => key in document);
}

/** The files that a checkout has, and `loadgen` on the path. */
function newCheckout(): string {
  const folder = temporaryFolder();
  for (const name of ['scenarios', 'servers']) symlinkSync(join(ROOT, name), join(folder, name));
  mkdirSync(join(folder, 'bin'));
  const launcher = join(folder, 'bin/loadgen');
  writeFileSync(launcher, `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/bin/loadgen.js" "$@"\n`);
  chmodSync(launcher, 0o755);
  return folder;
}

async function runAll(
  checkout: string,
  commands: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const command of commands) {
    if (!INSTALLING.includes(command)) await shell(checkout, command, environment);
  }
}

/** As a CI runner does: bash, ending with the first command that fails. */
async function shell(
  cwd: string,
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd,
    env: {
      ...process.env,
      ...environment,
      PATH: `${join(cwd, 'bin')}:${process.env['PATH']}`,
      EMBEDDINGS_URL: server.url,
    },
  });
  return stdout;
}
