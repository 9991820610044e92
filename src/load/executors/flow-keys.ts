import { z } from 'zod';
import { DURATION_PATTERN, parseDurationNs } from '../../base/time/duration.ts';

/** When the load of a flow begins: so long after T0, or when another flow has ended. */
export type StartAfter = { readonly ns: number } | { readonly flow: string };

const flowName = /^[a-zA-Z][a-zA-Z0-9_]*$/;

export const startAfterKey = z
  .string()
  .refine((text) => new RegExp(DURATION_PATTERN).test(text) || flowName.test(text), {
    error: 'a duration such as 10s, or the name of a flow',
  })
  .transform((text): StartAfter => {
    const ns = parseDurationNs(text);
    return ns === undefined ? { flow: text } : { ns };
  })
  .optional()
  .meta({
    description: 'With `flows`: begins so long after the others, or when that flow has ended.',
  });

export const endWithKey = z.string().regex(flowName, 'the name of a flow').optional().meta({
  description: 'With `flows`: ends when that flow has ended, if not before by an end of its own.',
});
