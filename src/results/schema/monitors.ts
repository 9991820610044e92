import { z } from 'zod';
import { othersShareOf, stealShareOf, type GeneratorUse } from '../../measure/monitors/sum-samples.ts';
import type { MonitorSample, WorkerSample } from '../../measure/monitors/trial-monitor.ts';
import { countSchema, shareSchema } from './values.ts';

const workerSchema = z.object({
  worker: countSchema,
  busyShare: shareSchema.meta({
    description: 'Of its time, in callbacks; waiting for an arrival is not busy.',
  }),
  spinShare: shareSchema.meta({ description: 'Looking at the clock, turn by turn.' }),
  cpuShare: z.number().min(0).meta({ description: 'That its thread was running on a core.' }),
  gcCount: countSchema,
  gcNs: countSchema,
  gcLongestNs: countSchema,
  openConnections: countSchema.meta({ description: 'At the end of the interval.' }),
});

/** How the generator itself fared, from the row before to this one. */
export const monitorsSchema = z.object({
  workers: z.array(workerSchema),
  runnerBusyShare: shareSchema,
  processCpuNs: countSchema,
  residentBytes: countSchema,
  stealShare: shareSchema.optional().meta({
    description: 'CPU time that the hypervisor took away, of all processors.',
  }),
});
export type Monitors = z.infer<typeof monitorsSchema>;

/** How the generator itself fared in the measured phase. */
export const generatorSchema = z
  .object({
    workers: z.array(workerSchema).meta({
      description: 'Counts and times of the whole phase; of open connections the most at a time.',
    }),
    processCpuNs: countSchema,
    residentPeakBytes: countSchema,
    openConnectionsPeak: countSchema.meta({ description: 'Of all workers together.' }),
    stealShare: shareSchema.optional(),
    othersShare: shareSchema.optional().meta({
      description: 'Of all processors: other programs, with servers on this machine.',
    }),
  })
  .meta({ description: 'How the generator itself fared in the measured phase.' });
export type Generator = z.infer<typeof generatorSchema>;

/** A sample as it is written. */
export function monitorsOf(sample: MonitorSample): Monitors {
  const { workers, runnerBusyShare, processCpuNs, residentBytes } = sample;
  const stealShare = stealShareOf(sample.processors);
  return {
    workers: workers.map(workerOf),
    runnerBusyShare,
    processCpuNs: Math.round(processCpuNs),
    residentBytes,
    ...(stealShare !== undefined && { stealShare }),
  };
}

/** The same of the measured phase, as a result keeps it. */
export function generatorOf(use: GeneratorUse): Generator {
  const stealShare = stealShareOf(use.processors);
  const othersShare = othersShareOf(use);
  return {
    workers: use.workers.map(workerOf),
    processCpuNs: Math.round(use.processCpuNs),
    residentPeakBytes: use.residentPeakBytes,
    openConnectionsPeak: use.openConnectionsPeak,
    ...(stealShare !== undefined && { stealShare }),
    ...(othersShare !== undefined && { othersShare }),
  };
}

function workerOf({ worker, durationNs, ...of }: WorkerSample): Monitors['workers'][number] {
  return {
    worker,
    busyShare: share(of.busyNs, durationNs),
    spinShare: share(of.spinNs, durationNs),
    cpuShare: of.cpuNs / durationNs,
    gcCount: of.gcCount,
    gcNs: Math.round(of.gcNs),
    gcLongestNs: Math.round(of.gcLongestNs),
    openConnections: of.openConnections,
  };
}

function share(part: number, whole: number): number {
  return Math.min(1, Math.max(0, part / whole));
}
