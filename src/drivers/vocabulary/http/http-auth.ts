import { z } from 'zod';

const notEmpty = z.string().min(1, 'a value that is not empty');

/** The key `auth` of a target. */
export const authOptions = z
  .strictObject({
    basic: z
      .strictObject({
        user: notEmpty.meta({ description: 'The user.' }),
        password: z.string().meta({ description: 'The password, such as "${PASSWORD}".' }),
      })
      .optional()
      .meta({ description: 'User and password in the header Authorization.' }),
    bearer: notEmpty
      .optional()
      .meta({ description: 'A token in the header Authorization, such as "${TOKEN}".' }),
    sigv4: z
      .strictObject({
        accessKeyId: notEmpty.meta({ description: 'Such as "${AWS_ACCESS_KEY_ID}".' }),
        secretAccessKey: notEmpty.meta({ description: 'Such as "${AWS_SECRET_ACCESS_KEY}".' }),
        sessionToken: z
          .string()
          .optional()
          .meta({ description: 'Of credentials for a time, such as "${AWS_SESSION_TOKEN:-}".' }),
        region: notEmpty.meta({ description: 'Such as eu-central-1.' }),
        service: notEmpty.meta({ description: 'The service’s name in signatures, such as s3.' }),
      })
      .optional()
      .meta({ description: 'Signs each request as AWS and stores that speak S3 ask for.' }),
  })
  .refine((auth) => Object.values(auth).filter((way) => way !== undefined).length === 1, {
    message: 'one of basic, bearer and sigv4',
  });

export type AuthOptions = z.output<typeof authOptions>;

/** The header Authorization of every request, where all have the same. */
export function constantAuthorization({ basic, bearer }: AuthOptions): string | undefined {
  if (bearer !== undefined) return `Bearer ${bearer}`;
  return basic && basicAuthorization(basic.user, basic.password);
}

/** RFC 7617. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}
