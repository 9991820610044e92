import { z } from 'zod';

/** Set by the driver itself, since they frame the request or decide over the connection. */
const RESERVED_HEADERS: Readonly<Record<string, string>> = {
  'content-length': 'it is computed from the body',
  'transfer-encoding': 'bodies are sent with a content-length',
  connection: 'write connection: perRequest on the target for a new connection each',
  upgrade: 'a connection keeps the protocol it began with',
};

/** RFC 9110 section 5.6.2. */
const TOKEN_PATTERN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Headers by name, of a target or a request. */
export const headersSchema = z
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

export type HttpHeaders = z.output<typeof headersSchema>;

function problem(context: z.RefinementCtx, name: string, message: string): void {
  context.addIssue({ code: 'custom', path: [name], message });
}
