import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, hostname, platform, totalmem } from 'node:os';
import type { Machine } from '../schema/meta.ts';

/** The machine that loadgen runs on. */
export function thisMachine(): Machine {
  return {
    host: hostname(),
    platform: platform(),
    architecture: arch(),
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
}

/** The commit checked out in `folder`; null outside of a git repository or without git. */
export function gitCommitOf(folder: string): string | null {
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 1000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /^[0-9a-f]{40,64}$/.test(commit.trim()) ? commit.trim() : null;
  } catch {
    return null;
  }
}

/** Variables in which schedulers tell a process which job it belongs to. */
const JOB_VARIABLES = [
  'SLURM_JOB_ID',
  'SLURM_ARRAY_JOB_ID',
  'SLURM_ARRAY_TASK_ID',
  'SLURM_PROCID',
  'PBS_JOBID',
  'LSB_JOBID',
  'JOB_COMPLETION_INDEX',
];

export function jobIds(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found = JOB_VARIABLES.filter((name) => environment[name]);
  return Object.fromEntries(found.map((name) => [name, environment[name]!]));
}
