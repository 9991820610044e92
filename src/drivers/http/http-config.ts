import { z } from 'zod';
import { httpConnectionKeys } from '../vocabulary/http/http-connection-options.ts';

/** What curl follows at most unless told otherwise. */
const REDIRECTS_LIMIT = 50;

const { headers, auth, requestsPerConnection, dns, sourceAddresses, tls } = httpConnectionKeys;

/** Keys of an http target beside those that every target has. */
export const httpTargetOptions = z.strictObject({
  headers,
  client: z.enum(['raw', 'sdk']).default('raw').meta({
    description:
      'raw: sockets of our own, which measure the server; sdk: undici, as an application would use it, measured around its calls.',
  }),
  http: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .meta({
      description:
        'The version of HTTP. 2 is agreed on over TLS (ALPN), and simply spoken without; with client: sdk it needs https.',
    }),
  proxy: z
    .string()
    .regex(/^https?:\/\/[^\s/]+\/?$/, 'an address such as http://host:port')
    .optional()
    .meta({ description: 'A proxy to go through; needs client: sdk.' }),
  auth,
  redirects: z.int().min(0).max(REDIRECTS_LIMIT).default(0).meta({
    description: 'Redirects to follow at most, to the same server only; by default none.',
  }),
  cookies: z
    .boolean()
    .default(false)
    .meta({ description: 'Sends back the cookies that the server sets; a jar for each VU.' }),
  decompress: z.boolean().default(false).meta({
    description:
      'Accepts gzip, deflate, br and zstd; an expression that reads the body reads it decompressed.',
  }),
  requestsPerConnection,
  dns,
  sourceAddresses,
  tls,
});

export type HttpTargetOptions = z.output<typeof httpTargetOptions>;
