import { z } from 'zod';
import { timestampSchema } from './values.ts';

const known = z.number().min(0).nullable();
const named = z.string().nullable();

const sizingRecordSchema = z.object({
  trial_id: z.string(),
  timestamp: timestampSchema,
  scenario: z.string(),
  point: z.record(z.string(), z.json()).meta({ description: 'Of a sweep: axis → value.' }),
  target: z.string(),
  architecture: named.meta({ description: 'Of the server’s machine, as are the next three.' }),
  cpu: named,
  cores: known,
  memory_gb: known,
  framework: named,
  model: z.string(),
  model_size: named.meta({ description: 'The label modelSize, as it is written.' }),
  threads: known.meta({ description: 'The label threads.' }),
  cpu_limit: known.meta({ description: 'Cores that the server may use: the label cpuLimit.' }),
  concurrency: known,
  iterations: known.meta({ description: 'Operations that ended ok in the measured phase.' }),
  failed: known,
  average_latency_ms: known,
  total_time_s: known.meta({ description: 'Length of the measured phase.' }),
  requests_per_second: known,
  cpu_utilization_pct: known.meta({ description: '100 is one core.' }),
  peak_memory_mb: known.meta({
    description: 'As the server tells it, else the highest that was seen.',
  }),
  notes: z.string(),
});

/** `sizing.json`: one trial as a study of model sizes, threads and CPU limits reads it. */
export const sizingSchema = z.array(sizingRecordSchema).meta({
  description:
    'A record for each target whose labels name a model. What is unknown is null, never 0.',
});
export type Sizing = z.infer<typeof sizingSchema>;
export type SizingRecord = Sizing[number];
