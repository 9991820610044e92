import { z } from 'zod';
import { durationSchema } from '../base/time/duration.ts';
import { isLoopbackAddress, parseAddress } from './address.ts';

const addressSchema = z
  .string()
  .refine((text) => parseAddress(text) !== undefined, 'an address such as 127.0.0.1:9464');

const fileSchema = z.string().min(1);

const prometheusSchema = z
  .strictObject({
    listen: addressSchema.optional().meta({
      description: 'Serves /metrics there. Loopback only, unless `token` is set.',
    }),
    token: z
      .string()
      .regex(/^[!-~]{16,}$/, 'at least 16 letters without blanks')
      .optional()
      .meta({ description: 'Scrapers must send it as a bearer token.' }),
    file: fileSchema.optional().meta({
      description: 'Written anew every second, for the textfile collector of node_exporter.',
    }),
  })
  .refine(({ listen, file }) => listen !== undefined || file !== undefined, {
    message: 'needs `listen` or `file`',
  })
  .refine(({ listen, token }) => listen === undefined || token !== undefined || isLocal(listen), {
    message: 'listens beyond this machine only with a `token`',
    path: ['listen'],
  });

function isLocal(listen: string): boolean {
  const address = parseAddress(listen);
  return address === undefined || isLoopbackAddress(address.host);
}

const otlpSchema = z.strictObject({
  url: z
    .string()
    .refine((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? ''), 'an http:// or https:// url')
    .refine((url) => !URL.parse(url)?.username && !URL.parse(url)?.password, {
      message: 'takes no user name or password: send them in `headers`',
    })
    .meta({ description: 'Of the collector; /v1/metrics is added where it has no path.' }),
  headers: z
    .record(z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/), z.string().regex(/^[^\r\n]*$/))
    .default({})
    .meta({ description: 'Sent with every export.' }),
  every: durationSchema.prefault('5s').meta({ description: 'At least so long between two.' }),
  timeout: durationSchema.prefault('5s').meta({ description: 'Then an export is given up.' }),
});

const statsdSchema = z.strictObject({
  address: addressSchema.default('127.0.0.1:8125').meta({ description: 'Over UDP.' }),
  prefix: z
    .string()
    .regex(/^[A-Za-z][\w.]*$/, 'letters, digits, dots and _')
    .default('loadgen')
    .meta({ description: 'Goes before every name.' }),
  tags: z.enum(['none', 'dogstatsd']).default('none').meta({
    description: 'none: steps are a part of the name; dogstatsd: tags after `|#`.',
  }),
});

const lineFileSchema = z.strictObject({
  file: fileSchema.meta({ description: 'Relative to the scenario; lines are appended.' }),
});

/** `outputs:` of a scenario: who sees a run while it runs. */
export const outputsSchema = z
  .strictObject({
    prometheus: prometheusSchema.optional().meta({
      inWords: 'map',
      description: 'An endpoint that Prometheus scrapes, a text file, or both.',
    }),
    otlp: otlpSchema.optional().meta({
      inWords: 'map',
      description: 'Metrics for an OpenTelemetry collector, over HTTP as JSON.',
    }),
    statsd: statsdSchema.optional().meta({ inWords: 'map', description: 'StatsD, over UDP.' }),
    csv: lineFileSchema.optional().meta({
      inWords: 'map',
      description: 'A row per second, and per step where there are several.',
    }),
    jsonLines: lineFileSchema.optional().meta({
      inWords: 'map',
      description: 'The same rows as JSON objects.',
    }),
  })
  .prefault({})
  .meta({ description: 'Who sees the run while it runs.' });

export type OutputsSpec = z.output<typeof outputsSchema>;
export type OtlpSpec = z.output<typeof otlpSchema>;
export type StatsdSpec = z.output<typeof statsdSchema>;
