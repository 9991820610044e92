import { z } from 'zod';
import type { MonitorSample } from '../../measure/monitors/trial-monitor.ts';
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

/** A sample as it is written. */
export function monitorsOf(sample: MonitorSample): Monitors {
  const { workers, runnerBusyShare, processCpuNs, residentBytes, stealShare } = sample;
  return {
    workers: workers.map(({ worker, durationNs, ...of }) => ({
      worker,
      busyShare: share(of.busyNs, durationNs),
      spinShare: share(of.spinNs, durationNs),
      cpuShare: of.cpuNs / durationNs,
      gcCount: of.gcCount,
      gcNs: Math.round(of.gcNs),
      gcLongestNs: Math.round(of.gcLongestNs),
      openConnections: of.openConnections,
    })),
    runnerBusyShare,
    processCpuNs: Math.round(processCpuNs),
    residentBytes,
    ...(stealShare !== undefined && { stealShare }),
  };
}

function share(part: number, whole: number): number {
  return Math.min(1, Math.max(0, part / whole));
}
