import { isIP } from 'node:net';
import { z } from 'zod';
import { splitPlaceholders } from '../../base/expressions/placeholders.ts';
import { durationSchema } from '../../base/time/duration.ts';
import { authOptions } from './http-auth.ts';
import { bodyKeysOf, httpBodyKeys } from './http-body-schema.ts';
import { tlsOptions } from '../wire/tls/tls-options.ts';

/** What curl follows at most unless told otherwise. */
const REDIRECTS_LIMIT = 50;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Set by the driver itself, since they frame the request or decide over the connection. */
const RESERVED_HEADERS: Readonly<Record<string, string>> = {
  'content-length': 'it is computed from the body',
  'transfer-encoding': 'bodies are sent with a content-length',
  connection: 'write connection: perRequest on the target for a new connection each',
  upgrade: 'the driver speaks HTTP/1.1 only',
};

/** RFC 9110 section 5.6.2. */
const TOKEN_PATTERN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What may stand in a request target as it is. */
const TARGET_PATTERN = /^[!-~]*$/;

const template = z.union([z.string(), z.number(), z.boolean()]);

const headersSchema = z
  .record(
    z.string().regex(TOKEN_PATTERN, 'a header name: letters, digits and - only'),
    z.string().regex(/^[^\r\n]*$/, 'a header value on one line'),
  )
  .superRefine((headers, context) => {
    const seen = new Set<string>();
    for (const name of Object.keys(headers)) {
      const lowerCase = name.toLowerCase();
      const reserved = RESERVED_HEADERS[lowerCase];
      if (reserved !== undefined) problem(context, name, `${name} cannot be set: ${reserved}`);
      if (seen.has(lowerCase)) problem(context, name, `${name} is given twice`);
      seen.add(lowerCase);
    }
  });

const addressSchema = z
  .string()
  .refine((text) => isIP(text) !== 0, 'an IP address, such as 10.0.0.7 or fd00::7');

const dnsOptions = z.strictObject({
  addresses: z.array(addressSchema).min(1).optional().meta({
    description: 'Connects there instead of looking the host up; the url still names it.',
  }),
  pick: z.enum(['first', 'in-turn']).default('first').meta({
    description: 'first: the first that answers, for all; in-turn: each connection takes the next.',
  }),
  ttl: durationSchema
    .refine((ns) => ns > 0, 'longer than 0')
    .optional()
    .meta({ description: 'For how long a look-up counts; by default for the whole run.' }),
});

/** Keys of an http target beside those that every target has. */
export const httpTargetOptions = z.strictObject({
  headers: headersSchema
    .optional()
    .meta({ description: 'Headers of every request to this target; those of a step win.' }),
  client: z.enum(['raw', 'sdk']).default('raw').meta({
    description:
      'raw: sockets of our own, which measure the server; sdk: undici, as an application would use it, measured around its calls.',
  }),
  http: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .meta({ description: 'The version of HTTP; 2 needs client: sdk and a url with https.' }),
  proxy: z
    .string()
    .regex(/^https?:\/\/[^\s/]+\/?$/, 'an address such as http://host:port')
    .optional()
    .meta({ description: 'A proxy to go through; needs client: sdk.' }),
  auth: authOptions.optional().meta({
    description:
      'Who is asking; a header Authorization of target or step wins over basic and bearer.',
  }),
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
  requestsPerConnection: z.int().min(1).optional().meta({
    description: 'Requests after which a connection is closed and another one opened.',
  }),
  dns: dnsOptions
    .optional()
    .meta({ description: 'How the host of the url becomes addresses; looked up once by default.' }),
  sourceAddresses: z.array(addressSchema).min(1).optional().meta({
    description: 'Addresses of this machine to connect from, each connection from the next one.',
  }),
  tls: tlsOptions.optional().meta({
    description: 'How a url with https is secured, where it is not as the machine’s own rules say.',
  }),
});

/** The verb `request`. */
export const httpRequestSchema = z
  .strictObject({
    method: z
      .enum(METHODS)
      .optional()
      .meta({ description: 'The method; POST where there is a body, else GET.' }),
    path: z
      .string()
      .startsWith('/', 'a path that begins with /')
      .refine(isRequestTarget, 'a path without blanks, fragment or non-ASCII (write %20, %C3%A9)')
      .optional()
      .meta({ description: 'Appended to the path of the target’s url; values are URL-encoded.' }),
    query: z
      .record(z.string(), template)
      .optional()
      .meta({ description: 'Query parameters; names and values are URL-encoded.' }),
    headers: headersSchema.optional().meta({
      description: 'Headers of this request; they win over the target’s and the defaults.',
    }),
    ...httpBodyKeys,
  })
  .superRefine((request, context) => {
    const [first, second] = bodyKeysOf(request);
    if (second !== undefined) problem(context, second, `one body: either ${first} or ${second}`);
  });

export type HttpTargetOptions = z.output<typeof httpTargetOptions>;
export type HttpRequestSpec = z.output<typeof httpRequestSchema>;

/** The parts between placeholders are sent as they are, so they must be able to stand there. */
function isRequestTarget(path: string): boolean {
  let statics: readonly string[];
  try {
    ({ statics } = splitPlaceholders(path));
  } catch {
    return true; // Reported with its place when the template is compiled.
  }
  return statics.every((part) => TARGET_PATTERN.test(part) && !part.includes('#'));
}

function problem(context: z.RefinementCtx, name: string, message: string): void {
  context.addIssue({ code: 'custom', path: [name], message });
}
