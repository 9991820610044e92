import { z } from 'zod';
import { splitPlaceholders } from '../../../base/expressions/placeholders.ts';
import { bodyKeysOf, httpBodyKeys } from './http-body-schema.ts';
import { headersSchema } from './http-headers-schema.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** What may stand in a request target as it is. */
const TARGET_PATTERN = /^[!-~]*$/;

const template = z.union([z.string(), z.number(), z.boolean()]);

/** What a request over HTTP says; the verb `request` of the driver http. */
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
    if (second !== undefined)
      context.addIssue({
        code: 'custom',
        path: [second],
        message: `one body: either ${first} or ${second}`,
      });
  });

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
