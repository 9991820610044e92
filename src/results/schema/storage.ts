import { z } from 'zod';
import { countSchema } from './values.ts';

const rowsSchema = z.object({
  prepared: countSchema.nullable().meta({ description: 'When the load began.' }),
  end: countSchema.nullable(),
});

const levelsSchema = z
  .object({
    before: z.number().nullable().meta({ description: 'Before anything was prepared.' }),
    prepared: z.number().nullable().meta({ description: 'When the load began.' }),
    peak: z.number().nullable().meta({ description: 'The highest that a look saw, from then on.' }),
    end: z.number().nullable(),
  })
  .meta({ description: 'Bytes.' });

const growthSchema = z.number().nullable();

/** What rows take of a server. */
export const storageSchema = z
  .object({
    target: z.string(),
    collections: z.array(rowsSchema.extend({ collection: z.string() })),
    rows: rowsSchema.meta({
      description:
        'Of all collections: added less deleted, as the server acknowledged it. null where that does not tell: a filter deleted, rows may have come twice, or been there before.',
    }),
    memory: levelsSchema,
    disk: levelsSchema.nullable().meta({ description: 'null: it has no folder for its data.' }),
    perMillion: z
      .object({ memory: growthSchema, disk: growthSchema })
      .nullable()
      .meta({
        description:
          'Bytes: (prepared − before) ÷ rows prepared × 1,000,000. null where rows are not known, and on a server that was used before in the run, which may not have given back what others took.',
      }),
  })
  .meta({
    description:
      'Of a server that loadgen started and looked at (`monitor: { process: true }`), where `prepare` makes collections and fills them. Trials that share what was prepared have the same figures of it.',
  });
export type ResultStorage = z.infer<typeof storageSchema>;
