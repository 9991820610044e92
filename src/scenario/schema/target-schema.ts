import { z } from 'zod';
import { durationSchema } from '../../base/time/duration.ts';
import { monitorSchema } from '../../measure/monitors/monitor-schema.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';

const positiveDuration = durationSchema.refine((ns) => ns > 0, 'longer than 0');

/** Keys that every target has, whatever its driver. */
export const targetKeys = {
  url: z
    .string()
    .regex(/^[^\s\p{Cc}]*$/u, 'an address without blanks')
    .default('')
    .meta({ description: 'Where the server is. Empty: `server` is started.' }),
  server: z.string().optional().meta({
    description:
      'The recipe of a server that loadgen starts when `url` is empty; `triton:grpc` for another address of it.',
  }),
  serverEnv: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/), z.string())
    .optional()
    .meta({
      description:
        'Environment of a server that loadgen starts, beside what its recipe sets; another one in the next trial starts it anew.',
    }),
  timeout: positiveDuration
    .prefault('30s')
    .meta({ description: 'For one operation, counted from when a connection is usable.' }),
  connectTimeout: positiveDuration
    .prefault('5s')
    .meta({ description: 'For opening a connection: name look-up, TCP, TLS.' }),
  connection: z
    .enum(['perVu', 'pooled', 'perRequest'])
    .optional()
    .meta({
      description:
        'perVu: each virtual user keeps its own; pooled: whoever needs one takes a free one; ' +
        'perRequest: a new one each time. By default perVu for virtual users, pooled for arrivals.',
    }),
  monitor: monitorSchema.optional().meta({
    inWords: 'map',
    description:
      '`{ stats: 1s, prometheus: /metrics, process: true }`: what of the server is looked at while it is under load, every second or as often as `stats` says; metrics `server_…`.',
  }),
  labels: z
    .record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]*$/), z.string())
    .default({})
    .meta({
      description: 'Said of the server in results: framework, model, component, service and so on.',
    }),
};

/** The key of targets whose drivers carry several operations at once over one connection. */
const sharedConnectionKeys = {
  connections: z.int().min(1).optional().meta({
    description:
      'Connections that all operations share, split over the workers (at least one each). By default each virtual user, or in-flight arrival, has its own; with `http: 2` all share one.',
  }),
};

/** A target of one driver: the common keys and the driver's own. */
export function targetSchema(driver: DriverDefinition) {
  return z
    .strictObject({
      driver: z.literal(driver.name).meta({ description: driver.summary }),
      ...targetKeys,
      ...keysOfSharing(driver),
      ...driver.targetOptions.shape,
    })
    .meta({ description: `A server that the ${driver.name} driver speaks to.` });
}

/** Optional, so that for the type it makes no difference whether a driver has them. */
function keysOfSharing({ capabilities }: DriverDefinition): typeof sharedConnectionKeys {
  return capabilities.multiplexes ? sharedConnectionKeys : ({} as typeof sharedConnectionKeys);
}
