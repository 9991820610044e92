import { z } from 'zod';
import { thinSchema, timestampSchema } from './values.ts';

const known = z.number().min(0).nullable();

export const latencyMsSchema = z.object({
  p50: known,
  p90: known,
  p95: known,
  p99: known,
});

/** `metrics.json`: one trial in the flat form that storage, inference and vector suites share. */
export const metricsJsonSchema = z
  .object({
    trial_id: z.string(),
    timestamp: timestampSchema,
    component: z.string().nullable().meta({ description: 'storage, inference, vectordb, …' }),
    service: z.string().nullable(),
    config: z.object({ gpus: known, batch: known, concurrency: known, nodes: known }),
    throughput: z.object({ value: known, unit: z.string() }),
    latency_ms: latencyMsSchema,
    resource: z.object({ gpu_util: known, gpu_mem_mb: known, cpu_util: known, ram_mb: known }),
    errors: z.object({ rate: known, timeouts: known }),
    thin: thinSchema,
    notes: z.string(),
  })
  .meta({ description: 'What is unknown is null, never 0.' });
export type MetricsJson = z.infer<typeof metricsJsonSchema>;
