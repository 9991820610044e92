import { z } from 'zod';
import { feederSchema } from '../../data/feeder-schema.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { BUILT_IN_VERBS, builtInKeys, thinkStepSchema } from '../../iteration/built-in-steps.ts';
import { stepKeys } from '../../iteration/step-schema.ts';
import { loadSchema } from '../../load/executors/load-schema.ts';
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
  const steps = stepList(drivers);
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
    thresholds: thresholdsSchema,
    verdict: verdictSchema,
    ...overrideShape,
    trials: trialsSchema,
    report: reportSchema(reportFormats),
    outputs: outputsSchema,
  });
}

/** Steps with a verb of a driver, and those that need no target, some of which hold steps. */
function stepList(drivers: readonly DriverDefinition[]) {
  const nested: z.ZodType = z.lazy(() => z.array(step).min(1));
  const step: z.ZodType = z
    .union(
      nonEmpty<z.ZodType>([
        ...drivers.flatMap(stepSchemas),
        thinkStepSchema,
        z.strictObject({ ...builtInKeys, group: describedAs(nested, BUILT_IN_VERBS.group) }),
        z.strictObject({ ...builtInKeys, oneOf: describedAs(nested, BUILT_IN_VERBS.oneOf) }),
      ]),
    )
    .meta({ id: 'step' });
  return z.array(step).min(1);
}

/** A step for each verb of a driver: the common keys and that verb. */
function stepSchemas(driver: DriverDefinition) {
  return Object.entries(driver.verbs).map(([verb, { schema, summary }]) =>
    z.strictObject({
      ...stepKeys,
      [verb]: describedAs(schema, `${summary} (${driver.name})`),
    }),
  );
}

function describedAs(schema: z.ZodType, description: string): z.ZodType {
  return schema.description === undefined ? schema.meta({ description }) : schema;
}

function nonEmpty<Item>(items: Item[]): [Item, ...Item[]] {
  return items as [Item, ...Item[]];
}
