import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { ROOT } from './pinned.ts';

/** Where and with what a measurement was made. */
export interface Machine {
  /** What two machines share whose ratios can be compared. */
  readonly kind: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** Programs that wanted to run, averaged over the minute before. */
  readonly loadBefore: number;
}

export interface Source {
  readonly commit: string;
  /** Whether files differed from that commit. */
  readonly modified: boolean;
}

export function thisMachine(): Machine {
  const processors = cpus();
  const cpu = processors[0]?.model.trim() ?? 'unknown';
  return {
    kind: machineKind(cpu, processors.length),
    cpu,
    cores: processors.length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    loadBefore: Number(loadavg()[0]!.toFixed(2)),
  };
}

/** "amd-epyc-2-cores": fit for the name of a folder. */
export function machineKind(cpu: string, cores: number): string {
  const words = cpu
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `${words || 'unknown'}-${cores}-cores`;
}

export function thisSource(): Source {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  return { commit: git('rev-parse', 'HEAD'), modified: git('status', '--porcelain') !== '' };
}
