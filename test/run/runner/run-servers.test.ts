import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemClock } from '../../../src/base/time/clock.ts';
import { RunServers } from '../../../src/run/runner/run-servers.ts';
import type { ResolvedTarget, ResolvedTrial } from '../../../src/scenario/resolved.ts';

test('a server is shared by trials with the same environment, and started anew for another', async (t) => {
  const servers = new RunServers(systemClock, { status: () => {}, output: () => {} });
  t.after(() => servers.stop());
  const up = async (env?: Readonly<Record<string, string>>) => {
    const trial = await servers.up(trialOf(env));
    return servers.of(trial.targets['llm']!)!;
  };
  const first = await up({ LIMIT: '1', OTHER: 'x' });
  const second = await up({ OTHER: 'x', LIMIT: '1' });
  assert.equal(second.pid, first.pid);
  const environment = readFileSync(`/proc/${first.pid}/environ`, 'utf8').split('\0');
  assert.ok(environment.includes('LIMIT=1'));
  const third = await up({ LIMIT: '2' });
  assert.notEqual(third.pid, first.pid);
  await first.ended;
  const plain = await up();
  assert.notEqual(plain.pid, third.pid);
});

function trialOf(serverEnv?: Readonly<Record<string, string>>): ResolvedTrial {
  const target: Partial<ResolvedTarget> = {
    name: 'llm',
    driver: 'openai',
    url: '',
    server: 'reference-openai',
    labels: {},
    ...(serverEnv && { serverEnv }),
  };
  return { targets: { llm: target } } as unknown as ResolvedTrial;
}
