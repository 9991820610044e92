import { z } from 'zod';
import type { DriverDefinition, TargetUse, UseProblem } from '../driver.ts';
import {
  checkHttpConnection,
  httpConnectionFiles,
} from '../vocabulary/http/http-connection-checks.ts';
import {
  httpConnectionKeys,
  type HttpConnectionOptions,
} from '../vocabulary/http/http-connection-options.ts';
import {
  inferSchema,
  loadModelSchema,
  readyTimeoutSchema,
  unloadModelSchema,
} from './kserve-config.ts';
import { KSERVE_SERVER_METRICS } from './server-metrics.ts';
import { fedBy, KSERVE_COUNTERS, KSERVE_PHASES, KSERVE_SAMPLED } from './kserve-metrics.ts';
import type { InferSpec } from './kserve-config.ts';

const STATUS_FIELDS = {
  status: 'The HTTP status code as a number.',
  code: 'Over gRPC the status code by its name: `OK`, `UNAVAILABLE`.',
  error: 'What the server said was wrong; missing where it said nothing.',
};

/** Triton and other servers that speak KServe v2 (the Open Inference Protocol). */
export const driver: DriverDefinition = {
  name: 'kserve',
  summary: 'Inference by KServe v2 (Triton), over HTTP and gRPC',
  schemes: ['http', 'https', 'unix', 'grpc', 'grpcs'],
  targetOptions: z.strictObject({ ...httpConnectionKeys, readyTimeout: readyTimeoutSchema }),
  checkTarget: checkKserveTarget,
  targetFiles: httpConnectionFiles,
  verbs: {
    infer: {
      summary: 'Sends tensors to a model and waits for its answer, or for the end of its stream.',
      schema: inferSchema,
      resultFields: {
        ...STATUS_FIELDS,
        outputs:
          'Output tensors by name, of a stream those of its last response: `outputs.y.shape`, `.datatype` and `.values` (flat; BYTES as UTF-8 text).',
        responses: 'The outputs of each response of a stream, in their order.',
        parameters: 'Parameters of the answer by name.',
      },
      statusFields: ['status', 'code'],
      feeds: (spec) => fedBy(spec as InferSpec),
    },
    loadModel: {
      summary: 'Has the server load a model, and waits until it has.',
      schema: loadModelSchema,
      resultFields: STATUS_FIELDS,
      statusFields: ['status', 'code'],
      feeds: () => fedBy({}),
    },
    unloadModel: {
      summary: 'Has the server unload a model.',
      schema: unloadModelSchema,
      resultFields: STATUS_FIELDS,
      statusFields: ['status', 'code'],
      feeds: () => fedBy({}),
    },
  },
  phases: KSERVE_PHASES,
  counters: KSERVE_COUNTERS,
  sampled: KSERVE_SAMPLED,
  // Over gRPC; over HTTP `connections` is refused when the driver is made.
  capabilities: { multiplexes: true, stamps: 'socket', maxInFlightPerSession: 1 },
  serverStats: {
    metrics: KSERVE_SERVER_METRICS,
    async load() {
      const { openStatistics } = await import('./server-statistics.ts');
      return { open: openStatistics };
    },
  },
  async load() {
    const { kserveDrivers } = await import('./kserve-drivers.ts');
    return kserveDrivers;
  },
};

function checkKserveTarget(use: TargetUse): UseProblem[] {
  const { auth } = use.options as Partial<HttpConnectionOptions>;
  const problems = checkHttpConnection(use);
  if (auth?.sigv4 === undefined) return problems;
  const message = 'tensors are not signed: basic and bearer only';
  return [...problems, { path: ['auth', 'sigv4'], message }];
}
