import { z } from 'zod';
import { nameSchema, scenarioNameSchema } from './names.ts';

const scalarSchema = z.union([z.string(), z.number(), z.boolean()]);

const tagName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, 'a tag name of letters, digits and _, starting with a letter')
  .refine((name) => !BUILT_IN_TAGS.includes(name), 'this tag is set by loadgen');

/** Tags that loadgen sets itself. */
export const BUILT_IN_TAGS: readonly string[] =
  'flow step target outcome phase stage reason state wait'.split(' ');

/** Above 2^53 integers are no longer exact. */
const seedSchema = z.int().min(0).default(1).meta({
  description: 'Drives the plan, the data and `iteration.uuid`: one seed, one run.',
});

/** The keys of a scenario whose shape needs neither a driver nor another room. */
export const headShape = {
  version: z.literal(1).meta({ description: 'The version of this language.' }),
  name: scenarioNameSchema
    .optional()
    .meta({ description: 'Names the result folder; by default the name of the file.' }),
  seed: seedSchema,
  params: z
    .record(nameSchema, scalarSchema)
    .default({})
    .meta({ description: 'Constants of a trial; `{{ params.x }}` can stand in any value.' }),
  tags: z
    .record(tagName, z.string())
    .default({})
    .meta({ description: 'Tags of everything that is measured in this scenario.' }),
};

/** What is written besides the result folder. `formats` are the names of the reports there are. */
export function reportSchema(formats: readonly string[]) {
  const format = formats.length === 0 ? z.string() : z.enum(formats as [string, ...string[]]);
  return z
    .strictObject({
      formats: z
        .array(format)
        .default(['text', 'json'].filter((name) => formats.includes(name)))
        .meta({ description: 'Reports that are written after the run.' }),
      dialects: z.array(z.string().min(1)).default([]).meta({
        description:
          'Other tools whose definitions are measured and printed beside our own, as far as the drivers in use know them: vllm, guidellm, aiperf, inference-perf, mlperf.',
      }),
    })
    .prefault({})
    .meta({ description: 'What is written besides the result folder.' });
}

const overrideSchema = z.record(z.string(), z.unknown());

/** Read by the override layer, before anything else of the scenario is. */
export const overrideShape = {
  extends: z.string().min(1).optional().meta({
    description:
      'Another scenario file, relative to this one, which is laid over it as an override: maps merge, lists replace, null removes.',
  }),
  sweep: z
    .record(
      z.string(),
      z.union([z.array(scalarSchema).min(1), z.record(z.string(), overrideSchema)]),
    )
    .optional()
    .meta({
      inWords: 'map of axes',
      description:
        'Axes, multiplied into trials: `path: [values]`, or `label: { point: override }`.',
    }),
  profiles: z.record(nameSchema, overrideSchema).optional().meta({
    inWords: 'map of overrides',
    description: 'Overrides by name, laid over the scenario with --profile.',
  }),
};
