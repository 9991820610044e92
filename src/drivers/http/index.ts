import type { DriverDefinition } from '../driver.ts';
import { httpRequestSchema, type HttpRequestSpec } from '../vocabulary/http/http-request-schema.ts';
import { httpConnectionFiles } from '../vocabulary/http/http-connection-checks.ts';
import { httpTargetOptions } from './http-config.ts';
import { bodyFileUses, type HttpBodySpec } from '../vocabulary/http/http-body-schema.ts';
import { checkHttpTarget } from './http-checks.ts';
import { HTTP_PHASES } from '../vocabulary/http/http-phases.ts';

/** HTTP/1.1 and HTTP/2, over sockets of our own or undici. */
export const driver: DriverDefinition = {
  name: 'http',
  summary: 'HTTP/1.1 and HTTP/2 requests over raw sockets',
  schemes: ['http', 'https', 'unix'],
  targetOptions: httpTargetOptions,
  checkTarget: checkHttpTarget,
  targetFiles: httpConnectionFiles,
  verbs: {
    request: {
      summary: 'Sends one request and waits for the whole answer.',
      schema: httpRequestSchema,
      files: (spec) => bodyFileUses(spec as HttpBodySpec),
      resultFields: {
        status: 'The status code as a number.',
        json: 'The body as JSON; missing where it is none.',
        headers: 'Response headers by lower-case name; values of one name are joined by commas.',
        text: 'The body as UTF-8 text.',
      },
      statusFields: ['status'],
      marked(spec, mark) {
        const { headers, ...request } = spec as HttpRequestSpec;
        return { ...request, headers: { ...headers, 'x-operation': mark } };
      },
    },
  },
  phases: HTTP_PHASES,
  capabilities: { multiplexes: true, stamps: 'socket', maxInFlightPerSession: 1 },
  stampsOf: ({ client }) => (client === 'sdk' ? 'call' : 'socket'),
  defaultConnections: ({ client, http }) => (client === 'raw' && http === 2 ? 1 : undefined),
  async load(options) {
    if (options?.['client'] === 'sdk') {
      const { SdkDriver } = await import('./sdk/sdk-driver.ts');
      return { create: (context) => new SdkDriver(context) };
    }
    if (options?.['http'] === 2) {
      const { Http2Driver } = await import('./http2/http2-driver.ts');
      return { create: (context) => new Http2Driver(context) };
    }
    const { HttpDriver } = await import('./http-driver.ts');
    return { create: (context) => new HttpDriver(context) };
  },
};
