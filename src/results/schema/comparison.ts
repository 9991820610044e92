import { z } from 'zod';
import { thinSchema, timestampSchema } from './values.ts';

const known = z.number().min(0).nullable();

export const comparisonScenarioSchema = z.object({
  concurrency: known,
  num_requests: known,
  latency_ms: z.object({ mean: known, p50: known, p95: known, p99: known, p999: known }),
  throughput_qps: known,
  cpu_utilization_pct: known,
  thin: thinSchema,
  notes: z.string(),
});

/** `results/comparison/{model}/{framework}.json`: the same scenarios over several frameworks. */
export const comparisonSchema = z
  .object({
    framework: z.string(),
    model: z.string(),
    timestamp: timestampSchema,
    system_info: z
      .object({ cpu: z.string().nullable(), cores: known, memory_gb: known })
      .meta({ description: 'Of the server: null where it is not on the machine of loadgen.' }),
    model_load_time_ms: known,
    peak_memory_mb: known,
    scenarios: z.record(z.string(), comparisonScenarioSchema),
  })
  .meta({ description: 'What is unknown is null, never 0.' });
export type Comparison = z.infer<typeof comparisonSchema>;
export type ComparisonScenario = z.infer<typeof comparisonScenarioSchema>;
