import type { ZodType } from 'zod';
import type { DriverDefinition } from '../../src/drivers/driver.ts';
import { BUILT_IN_VERBS, builtInKeys } from '../../src/iteration/built-in-steps.ts';
import { stepKeys } from '../../src/iteration/step-schema.ts';
import { EXECUTORS } from '../../src/load/executors/registry.ts';
import { endWithKey, startAfterKey } from '../../src/load/executors/flow-keys.ts';
import { gracefulStopKey } from '../../src/load/executors/load-keys.ts';
import { warmupSchema } from '../../src/load/executors/warmup.ts';
import * as builtin from '../../src/measure/metrics/builtin-metrics.ts';
import type { MetricDeclaration } from '../../src/measure/metrics/metric.ts';
import { sampleFloor } from '../../src/measure/metrics/percentile-floors.ts';
import { composedSchema } from '../../src/scenario/schema/composed-schema.ts';
import { describeKeys } from '../../src/scenario/schema/describe-keys.ts';
import { LATER_WORDS } from '../../src/scenario/schema/later-words.ts';
import { alternatives, shapeOf } from '../../src/scenario/schema/schema-walk.ts';
import { targetKeys } from '../../src/scenario/schema/target-schema.ts';
import { z } from 'zod';
import { code, fenced, GENERATED, table } from './markdown.ts';
import * as prose from './scenario-prose.ts';

/** `docs/scenario.md`: every key, verb, metric and rule of the scenario language. */
export function scenarioPage(parts: {
  readonly drivers: readonly DriverDefinition[];
  readonly reportFormats: readonly string[];
  /** A whole scenario to begin with. */
  readonly example: string;
}): string {
  const { drivers, example } = parts;
  const schema = composedSchema(parts);
  const shape = schema.shape;
  return [
    GENERATED,
    prose.INTRODUCTION,
    fenced('yaml', example),
    prose.VALUES,
    '## Keys of a scenario',
    keyTable(schema),
    '## targets',
    prose.TARGETS,
    keyTable(z.object({ driver: wordsOf(drivers), ...targetKeys })),
    prose.MONITOR,
    ...drivers.map(targetSection),
    '## data',
    prose.DATA,
    keyTable(shape.data.unwrap().valueType as ZodType),
    '## steps',
    prose.STEPS,
    keyTable(z.object(stepKeys)),
    prose.SCORE,
    builtInSection(),
    ...drivers.map(verbSection),
    '## load',
    prose.LOAD,
    ...Object.values(EXECUTORS).map(executorSection),
    '### Keys of every load',
    keyTable(z.object({ gracefulStop: gracefulStopKey, warmup: warmupSchema.optional() })),
    prose.STAGES,
    prose.TRACE,
    prose.WARMUP,
    '## flows',
    prose.FLOWS,
    keyTable(z.object({ startAfter: startAfterKey, endWith: endWithKey })),
    '## thresholds',
    prose.THRESHOLDS,
    keyTable(mapForm(shape.thresholds.unwrap().element as ZodType)),
    floorTable(),
    '## sweep',
    prose.SWEEP,
    '## trials',
    prose.TRIALS,
    keyTable(shape.trials.unwrap() as ZodType),
    '## profiles and overrides',
    prose.OVERRIDES,
    '## report',
    keyTable(shape.report.unwrap()),
    '## outputs',
    prose.OUTPUTS,
    ...outputSections(shape.outputs.unwrap()),
    '## Metrics',
    prose.METRICS,
    metricTable(Object.values(builtin)),
    ...drivers.map(metricSection),
    '## Words of later versions',
    prose.LATER,
    LATER_WORDS.map(code).join(' '),
    '',
  ].join('\n\n');
}

function builtInSection(): string {
  const verbs = Object.entries(BUILT_IN_VERBS).map(([verb, text]) => [code(verb), text]);
  const heading = '### Steps without a target';
  return [
    heading,
    prose.BUILT_IN,
    table(['verb', 'meaning'], verbs),
    keyTable(z.object(builtInKeys)),
    prose.THINK,
  ].join('\n\n');
}

function outputSections(outputs: z.ZodObject): string[] {
  return Object.entries(outputs.shape).map(([name, schema]) => {
    const output = (schema as z.ZodOptional<ZodType>).unwrap();
    const { description = '' } = (schema as ZodType).meta() ?? {};
    return `### ${code(`outputs.${name}`)}\n\n${description}\n\n${keyTable(output)}`;
  });
}

function targetSection(driver: DriverDefinition): string {
  const schemes = driver.schemes.map((scheme) => code(`${scheme}://`)).join(', ');
  const keys = describeKeys(driver.targetOptions).length;
  const head = `### Targets of the ${driver.name} driver\n\n${driver.summary}. URLs: ${schemes}.`;
  return keys === 0 ? head : `${head}\n\n${keyTable(driver.targetOptions)}`;
}

function verbSection(driver: DriverDefinition): string {
  return Object.entries(driver.verbs)
    .map(([verb, { summary, schema, resultFields, statusFields }]) => {
      const rule = statusFields.map(code).join(', ');
      return [
        `### ${driver.name}: ${code(verb)}`,
        summary,
        keyTable(schema),
        `What \`expect\`, \`extract\` and \`items\` read of the answer. Naming ${rule} in \`expect\` replaces the driver’s own rule for it.`,
        table(
          ['field', 'is'],
          Object.entries(resultFields).map(([field, text]) => [code(field), text]),
        ),
      ].join('\n\n');
    })
    .join('\n\n');
}

function executorSection(definition: (typeof EXECUTORS)[keyof typeof EXECUTORS]): string {
  const keys = keyTable(z.object(definition.keys as z.ZodRawShape));
  return `### ${code(definition.name)}\n\n${definition.summary}\n\n${keys}`;
}

function metricSection(driver: DriverDefinition): string {
  if (driver.phases.length === 0) return '';
  return `### Metrics of the ${driver.name} driver\n\n${metricTable(driver.phases)}`;
}

function metricTable(metrics: readonly MetricDeclaration[]): string {
  return table(
    ['metric', 'kind', 'what it is'],
    metrics.map(({ name, kind, description }) => [code(name), kind, description]),
  );
}

function keyTable(schema: ZodType): string {
  const keys = describeKeys(schema);
  return table(
    ['key', 'type', 'default', 'meaning'],
    keys.map(({ key, type, required, defaultText, description }) => [
      required ? `**${key}**` : key,
      type,
      code(defaultText === '{}' || defaultText === '[]' ? '' : (defaultText ?? '')),
      description,
    ]),
  );
}

function floorTable(): string {
  const percents = [50, 90, 95, 99, 99.9];
  return table(
    ['percentile', 'samples that it needs'],
    percents.map((percent) => [`p(${percent})`, sampleFloor(percent).toLocaleString('en')]),
  );
}

/** The map among the forms that a threshold can be written in. */
function mapForm(schema: ZodType): ZodType {
  const found = alternatives(schema).find((option) => shapeOf(option) !== undefined);
  return found as unknown as ZodType;
}

function wordsOf(drivers: readonly DriverDefinition[]): z.ZodType {
  const names = drivers.map(({ name }) => name) as [string, ...string[]];
  return z.enum(names).meta({ description: 'Fixes the verbs of its steps and the keys below.' });
}
