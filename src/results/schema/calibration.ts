import { z } from 'zod';
import { countSchema, timestampSchema } from './values.ts';

export const CALIBRATION_SCHEMA = 'loadgen/calibration@1';

/** A ceiling holds for these alone. */
const keySchema = z.object({
  driver: z.string().meta({ description: 'Or several, joined by +.' }),
  shape: z.string().meta({ description: 'Hash of steps, data and connections, load left out.' }),
  node: z.string(),
  machine: z.object({
    cpu: z.string(),
    cores: countSchema,
    architecture: z.string(),
    platform: z.string(),
  }),
});
export type CalibrationKey = z.infer<typeof keySchema>;

const levelSchema = z.object({
  inFlight: countSchema,
  operationsPerSecond: z.number().min(0),
  cpuNsPerOperation: z.number().min(0).meta({ description: 'Of the whole loadgen process.' }),
  cpuShare: z.number().min(0).meta({ description: 'Of one core; more with helping threads.' }),
  serverCpuShare: z.number().min(0).nullable().meta({ description: 'Of the null server.' }),
});
export type CalibrationLevel = z.infer<typeof levelSchema>;

const pacingSchema = z.object({
  ratePerSecond: z.number().min(0),
  arrival: z.string(),
  due: countSchema,
  p50Ns: z.number(),
  p99Ns: z.number(),
  maxNs: z.number(),
});
export type CalibrationPacing = z.infer<typeof pacingSchema>;

const entrySchema = z.object({
  key: keySchema,
  scenario: z.string(),
  measuredAt: timestampSchema,
  loadgen: z.string(),
  servers: z.array(z.string()).meta({ description: 'Recipes of the null servers.' }),
  changes: z.array(z.string()).meta({ description: 'How what was sent differs.' }),
  operationsPerSecond: z.number().min(0).meta({ description: 'The most that one worker reached.' }),
  limitedBy: z.enum(['loadgen', 'server', 'machine']).meta({
    description:
      'Who had no core left at that rate: loadgen, as it should be; the null server; or neither, ' +
      'because other programs had them. But for the first the ceiling is a lower bound.',
  }),
  cpuNsPerOperation: z.number().min(0).meta({ description: 'At that rate.' }),
  highestInFlight: countSchema.meta({
    description: 'The most in flight that was tried and kept nine tenths of the best rate.',
  }),
  levels: z.array(levelSchema),
  pacing: pacingSchema.meta({ description: 'Sent − intended at a rate, open loop.' }),
});
export type Calibration = z.infer<typeof entrySchema>;

/** `calibration.json` in the user's cache folder: what machines can send, the newest first. */
export const calibrationsSchema = z.object({
  schema: z.literal(CALIBRATION_SCHEMA),
  entries: z.array(entrySchema),
});
