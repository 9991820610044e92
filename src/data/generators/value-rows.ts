import { randomStream } from '../../base/random/counter-random.ts';
import { chooser, sampler, type Distribution } from '../../base/random/distribution.ts';
import { Permutation } from '../../base/random/permutation.ts';
import type { Row, RowSlice, RowSource } from '../row-source.ts';
import { openReference, type GeneratorContext, type Reference, type RowValue } from './drawn.ts';

type Scalar = string | number | boolean;

/** How the value of one field comes about: plain data. */
export type FieldSpec =
  | Reference
  /** Counts on from `first`, row by row. */
  | { readonly kind: 'sequence'; readonly first: number }
  | {
      readonly kind: 'one-of';
      readonly values: readonly Scalar[];
      readonly weights?: readonly number[];
    }
  | {
      readonly kind: 'number';
      readonly draw: Distribution;
      /** Whole numbers alone. */
      readonly whole: boolean;
      /**
       * The range whose numbers are dealt out anew, so that those drawn often lie scattered over
       * it, as the keys of a table that users made do.
       */
      readonly permute?: readonly [first: number, last: number];
    };

export interface ValueRowsOptions {
  readonly fields: Readonly<Record<string, FieldSpec>>;
  readonly slice: RowSlice;
}

/** Rows whose fields are drawn one by one, each from a stream of its own. */
export async function openValueRows(
  { fields, slice }: ValueRowsOptions,
  context: GeneratorContext,
): Promise<RowSource> {
  const names = Object.keys(fields);
  const values: RowValue<unknown>[] = [];
  for (const name of names) values.push(await openField(name, fields[name]!, context));
  return {
    rowCount: slice.rows,
    fields: names,
    row(index, position = index) {
      const row: Record<string, unknown> = {};
      for (let at = 0; at < names.length; at++) {
        row[names[at]!] = values[at]!(slice.skip + index, position);
      }
      return row as Row;
    },
  };
}

async function openField(
  name: string,
  spec: FieldSpec,
  context: GeneratorContext,
): Promise<RowValue<unknown>> {
  const stream = randomStream(context.seed, `data/${context.feeder}/values/${name}`);
  switch (spec.kind) {
    case 'from': {
      const { read } = await openReference(spec, context);
      read(0);
      return (_, position) => read(position);
    }
    case 'sequence':
      return (row) => spec.first + row;
    case 'one-of': {
      const choose = chooser(spec.values.length, stream, spec);
      return (row) => spec.values[choose(row)];
    }
    case 'number': {
      const draw = sampler(spec.draw, stream, { whole: spec.whole });
      if (spec.permute === undefined) return draw;
      const [first, last] = spec.permute;
      const order = new Permutation(last - first + 1, stream, 0);
      return (row) => first + order.at(draw(row) - first);
    }
  }
}
