import { z } from 'zod';
import { RESERVED_NAMES } from './cel-library.ts';

/** A name that an expression can say: of a feeder and its fields, a step, an extracted value. */
export const nameSchema: z.ZodType<string> = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, 'letters, digits and _, beginning with a letter')
  .refine((name) => !RESERVED_NAMES.has(name), {
    error: ({ input }) => `"${String(input)}" means something else in expressions`,
  });
