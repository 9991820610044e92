import { z } from 'zod';

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

/** The map `tls` of a target. */
export const tlsOptions = z
  .strictObject({
    ca: z
      .string()
      .optional()
      .meta({ description: 'A PEM file of authorities to trust instead of the well-known ones.' }),
    cert: z.string().optional().meta({
      description: 'A PEM file with the certificate that loadgen shows the server; needs `key`.',
    }),
    key: z.string().optional().meta({ description: 'A PEM file with the key of `cert`.' }),
    serverName: z.string().min(1).optional().meta({
      description:
        'The name asked for (SNI) and expected in the certificate; the url’s host by default.',
    }),
    minVersion: z
      .enum(VERSIONS)
      .optional()
      .meta({ description: 'The oldest version to accept; TLSv1.2 by default.' }),
    maxVersion: z
      .enum(VERSIONS)
      .optional()
      .meta({ description: 'The newest version to offer; TLSv1.3 by default.' }),
    insecure: z
      .boolean()
      .default(false)
      .meta({ description: 'Accepts every certificate: expired, self-signed, for another name.' }),
    resume: z.boolean().default(false).meta({
      description: 'Offers the last session of this worker, so that the handshake is shorter.',
    }),
  })
  .superRefine(({ cert, key, minVersion, maxVersion }, context) => {
    const add = (name: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (cert !== undefined && key === undefined) add('cert', 'needs `key` beside it');
    if (key !== undefined && cert === undefined) add('key', 'needs `cert` beside it');
    if (minVersion === 'TLSv1.3' && maxVersion === 'TLSv1.2') {
      add('maxVersion', 'is older than minVersion');
    }
  });

export type TlsOptions = z.output<typeof tlsOptions>;

/** The keys of `tls` that name files. */
export const TLS_FILE_KEYS = ['ca', 'cert', 'key'] as const;
