import { isIP } from 'node:net';
import { z } from 'zod';
import { durationSchema } from '../../../base/time/duration.ts';
import { tlsOptions } from '../../wire/tls/tls-options.ts';
import { authOptions } from './http-auth.ts';
import { headersSchema } from './http-headers-schema.ts';

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

/** Keys of every target that is reached over HTTP/1.1. */
export const httpConnectionKeys = {
  headers: headersSchema
    .optional()
    .meta({ description: 'Headers of every request to this target; those of a step win.' }),
  auth: authOptions.optional().meta({
    description:
      'Who is asking; a header Authorization of target or step wins over basic and bearer.',
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
};

const connectionOptions = z.strictObject(httpConnectionKeys);
export type HttpConnectionOptions = z.output<typeof connectionOptions>;
