import { z } from 'zod';
import { feederSchema } from '../../data/feeder-schema.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { stepKeys } from '../../iteration/step-schema.ts';
import { loadSchema } from '../../load/executors/load-schema.ts';
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
    steps: z
      .array(z.union(nonEmpty(drivers.flatMap(stepSchemas))))
      .min(1)

      .meta({ inWords: 'list of steps', description: 'What one iteration does, in this order.' }),
    load: loadSchema,
    thresholds: thresholdsSchema,
    verdict: verdictSchema,
    ...overrideShape,
    trials: trialsSchema,
    report: reportSchema(reportFormats),
  });
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
