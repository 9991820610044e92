import { z } from 'zod';
import type { Expression } from '../base/expressions/expression.ts';
import type { Scope } from '../base/expressions/template.ts';
import { OTHER_VALUE } from '../measure/metrics/series-key.ts';

const MAX_VALUES = 100;

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** A tag whose value comes from data: its values are closed, so that series are known before. */
const dataTagSchema = z.union([
  z.strictObject({
    value: z.string().min(1).meta({ description: 'CEL over data, params and extracted values.' }),
    oneOf: z
      .array(text)
      .min(1)
      .max(MAX_VALUES)
      .meta({ description: 'The values that it may have.' }),
  }),
  z.strictObject({
    value: z.string().min(1),
    buckets: z
      .array(z.number())
      .min(1)
      .max(MAX_VALUES)
      .refine(isAscending, 'bounds of buckets, each above the one before')
      .meta({
        description: 'Bounds: [5, 15] gives ..5, 5..15 and 15.., a bound in the upper one.',
      }),
  }),
]);

/** A tag of a step: constant, or out of data. */
export const tagSchema = z.union([text, dataTagSchema]);
export type WrittenTag = z.output<typeof tagSchema>;

/** A tag out of data: plain data. */
export interface DataTag {
  readonly name: string;
  readonly value: string;
  /** All but `other`, which comes after them. */
  readonly labels: readonly string[];
  /** Bounds of numbers, for a tag of buckets. */
  readonly bounds?: readonly number[];
}

export function toDataTag(name: string, tag: Exclude<WrittenTag, string>): DataTag {
  if ('oneOf' in tag) return { name, value: tag.value, labels: [...new Set(tag.oneOf)] };
  const { buckets } = tag;
  const inner = buckets.slice(1).map((bound, index) => `${buckets[index]}..${bound}`);
  const labels = [`..${buckets[0]}`, ...inner, `${buckets.at(-1)}..`];
  return { name, value: tag.value, labels, bounds: buckets };
}

/** The tags of each lane of a step: one for every combination of values, `other` included. */
export function laneTags(step: {
  readonly tags: Readonly<Record<string, string>>;
  readonly dataTags?: readonly DataTag[];
}): readonly Readonly<Record<string, string>>[] {
  let lanes = [step.tags];
  for (const { name, labels } of step.dataTags ?? []) {
    const values = [...labels, OTHER_VALUE];
    lanes = lanes.flatMap((tags) => values.map((value) => ({ ...tags, [name]: value })));
  }
  return lanes;
}

/** Which lane of its step an operation belongs to, from 0, by what the scope holds. */
export function laneChooser(
  tags: readonly { readonly tag: DataTag; readonly expression: Expression }[],
): (scope: Scope) => number {
  return (scope) => {
    let lane = 0;
    for (const { tag, expression } of tags) {
      lane = lane * (tag.labels.length + 1) + labelIndex(tag, valueOf(expression, scope));
    }
    return lane;
  };
}

/** A value that is not there is `other`. */
function valueOf(expression: Expression, scope: Scope): unknown {
  try {
    return expression.evaluate(scope);
  } catch {
    return undefined;
  }
}

function labelIndex({ labels, bounds }: DataTag, value: unknown): number {
  if (bounds === undefined) {
    const index = labels.indexOf(String(value));
    return index < 0 ? labels.length : index;
  }
  const number = typeof value === 'number' ? value : Number.NaN;
  if (Number.isNaN(number)) return labels.length;
  const above = bounds.findIndex((bound) => number < bound);
  return above < 0 ? bounds.length : above;
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value > values[index - 1]!);
}
