import { z } from 'zod';
import { feederSchema } from '../../data/feeder-schema.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { BUILT_IN_VERBS, builtInKeys, thinkStepSchema } from '../../iteration/built-in-steps.ts';
import { stepKeys } from '../../iteration/step-schema.ts';
import { loadSchema, stepLoadSchema } from '../../load/executors/load-schema.ts';
import { outputsSchema } from '../../outputs/outputs-schema.ts';
import { thresholdsSchema, verdictSchema } from '../checks/resolve-thresholds.ts';
import { nameSchema } from './names.ts';
import { headShape, overrideShape, reportSchema } from './scenario-schema.ts';
import { targetSchema } from './target-schema.ts';
import { trialsSchema } from './trials-schema.ts';

/**
 * The whole language as one schema, out of the schemas that each room owns: for the JSON Schema,
 * the reference page, and to know which paths there are. Scenarios themselves are parsed section
 * by section (`checks/`), with the schemas of the drivers that they use.
 */
export function composedSchema(parts: {
  readonly drivers: readonly DriverDefinition[];
  readonly reportFormats: readonly string[];
}) {
  const { drivers, reportFormats } = parts;
  const steps = stepList(drivers, 'step');
  const around = stepList(drivers, 'preparationStep', { load: stepLoadSchema.optional() });
  return z.strictObject({
    ...headShape,
    targets: z
      .record(nameSchema, z.discriminatedUnion('driver', nonEmpty(drivers.map(targetSchema))))
      .meta({
        inWords: 'map of targets',
        description: 'Servers by name, each with the driver that speaks to it.',
      }),
    data: z.record(nameSchema, feederSchema).optional().meta({
      inWords: 'map of feeders',
      description: 'Feeders by name: `{{ name.field }}` reads the row of an iteration.',
    }),
    prepare: around.optional().meta({
      inWords: 'list of steps',
      description:
        'Done before the load, one after the other, and measured as `phase:prepare`. A step with a `load` of its own is a small load; what a step extracts is known to those behind it up to the next such one. Of several trials those of equal content share it. `loadgen prepare` runs it alone; shards skip it.',
    }),
    steps: steps.optional().meta({
      inWords: 'list of steps',
      description: 'What one iteration does, in this order.',
    }),
    load: loadSchema.optional(),
    flows: z
      .record(
        nameSchema,
        z.strictObject({
          steps,
          load: loadSchema,
          tags: headShape.tags.meta({ description: 'Tags of everything in this flow.' }),
        }),
      )
      .optional()
      .meta({
        inWords: 'map of flows',
        description:
          'Instead of `steps` and `load`: several of both at once, by name, each with `tags` of its own.',
      }),
    cleanUp: around.optional().meta({
      inWords: 'list of steps',
      description:
        'Done at the end, and before `prepare` runs again, also when the run failed or was interrupted once; measured as `phase:cleanup`. `loadgen cleanup` runs it alone; shards skip it.',
    }),
    thresholds: thresholdsSchema,
    verdict: verdictSchema,
    ...overrideShape,
    trials: trialsSchema,
    report: reportSchema(reportFormats),
    outputs: outputsSchema,
  });
}

/** Steps with a verb of a driver, and those that need no target, some of which hold steps. */
function stepList(
  drivers: readonly DriverDefinition[],
  id: string,
  moreKeys: Readonly<Record<string, z.ZodType>> = {},
) {
  const nested: z.ZodType = z.lazy(() => z.array(step).min(1));
  const step: z.ZodType = z
    .union(
      nonEmpty<z.ZodType>([
        ...drivers.flatMap((driver) => stepSchemas(driver, moreKeys)),
        thinkStepSchema,
        z.strictObject({ ...builtInKeys, group: describedAs(nested, BUILT_IN_VERBS.group) }),
        z.strictObject({ ...builtInKeys, oneOf: describedAs(nested, BUILT_IN_VERBS.oneOf) }),
      ]),
    )
    .meta({ id });
  return z.array(step).min(1);
}

/** A step for each verb of a driver: the common keys and that verb. */
function stepSchemas(driver: DriverDefinition, moreKeys: Readonly<Record<string, z.ZodType>>) {
  return Object.entries(driver.verbs).map(([verb, { schema, summary }]) =>
    z.strictObject({
      ...stepKeys,
      [verb]: describedAs(schema, `${summary} (${driver.name})`),
      ...moreKeys,
    }),
  );
}

function describedAs(schema: z.ZodType, description: string): z.ZodType {
  return schema.description === undefined ? schema.meta({ description }) : schema;
}

function nonEmpty<Item>(items: Item[]): [Item, ...Item[]] {
  return items as [Item, ...Item[]];
}
