import { z } from 'zod';
import { durationSchema } from '../../base/time/duration.ts';
import { NS_PER_SECOND } from '../../base/time/clock.ts';

/** How often a server is looked at where `stats` does not say. */
const DEFAULT_EVERY_NS = NS_PER_SECOND;
const LEAST_EVERY_NS = 100e6;

/** What of a server is looked at while it is under load: plain data. */
export interface MonitorSpec {
  readonly everyNs: number;
  /** The driver asks the server for its own statistics. */
  readonly stats: boolean;
  /** A URL, or a path on the target. */
  readonly prometheus?: string;
  /** CPU and memory of the processes that a recipe started, and the disk that its data takes. */
  readonly process: boolean;
}

/** `monitor` of a target. */
export const monitorSchema = z
  .strictObject({
    stats: durationSchema
      .refine((ns) => ns >= LEAST_EVERY_NS, 'at least 100ms')
      .optional()
      .meta({ description: 'How often the server is asked for its own statistics.' }),
    prometheus: z
      .string()
      .regex(/^(?:\/|https?:\/\/)\S*$/, 'a path, or an http:// or https:// address')
      .optional()
      .meta({ description: 'A page in Prometheus’ text format: a path on the target, or a URL.' }),
    process: z
      .boolean()
      .default(false)
      .meta({ description: 'CPU, memory and disk of the server that loadgen started.' }),
  })
  .refine(({ stats, prometheus, process }) => stats ?? prometheus ?? (process || undefined), {
    message: 'expected one of stats, prometheus, process',
  })
  .transform(({ stats, prometheus, process }): MonitorSpec => {
    return {
      everyNs: stats ?? DEFAULT_EVERY_NS,
      stats: stats !== undefined,
      ...(prometheus !== undefined && { prometheus }),
      process,
    };
  });
