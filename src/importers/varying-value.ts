import { isDeepStrictEqual } from 'node:util';
import { scenarioText, scenarioValue } from './literal.ts';
import type { DraftFeeder } from './draft.ts';
import type { UniqueNames } from './unique-names.ts';

/** Collects what differs between requests that are otherwise the same: a field, a row each. */
export class VaryingFields {
  readonly #feeder: string;
  readonly #names: UniqueNames;
  readonly #fields = new Map<string, readonly unknown[]>();

  constructor(feeder: string, names: UniqueNames) {
    this.#feeder = feeder;
    this.#names = names;
  }

  /** Undefined where nothing differed. */
  feeder(): DraftFeeder | undefined {
    const fields = [...this.#fields];
    if (fields.length === 0) return undefined;
    const count = fields[0]![1].length;
    const rows = Array.from({ length: count }, (_, row) => {
      return Object.fromEntries(fields.map(([name, values]) => [name, values[row]]));
    });
    return { name: this.#feeder, rows };
  }

  /** The text where all are the same, else a reference to a field that holds each of them. */
  text(values: readonly string[], name: string): string {
    const [first = ''] = values;
    if (values.every((value) => value === first)) return scenarioText(first);
    return this.#field(name, values);
  }

  /** The same of JSON: only what differs inside becomes fields, as long as the shape is one. */
  json(values: readonly unknown[], name: string): unknown {
    const [first] = values;
    if (values.every((value) => isDeepStrictEqual(value, first))) return scenarioValue(first);
    if (values.every(isList) && values.every(({ length }) => length === (first as []).length)) {
      return (first as unknown[]).map((_, index) => {
        return this.json(
          values.map((list) => list[index]),
          `${name}_${index + 1}`,
        );
      });
    }
    if (values.every(isMap) && new Set(values.map(shapeOf)).size === 1) {
      const members = Object.keys(first as object).map((key) => {
        const inside = values.map((map) => map[key]);
        return [key, this.json(inside, name === '' ? key : `${name}_${key}`)] as const;
      });
      return Object.fromEntries(members);
    }
    return this.#field(name, values);
  }

  #field(wish: string, values: readonly unknown[]): string {
    const known = [...this.#fields].find(([, those]) => isDeepStrictEqual(those, values));
    if (known !== undefined) return `{{ ${this.#feeder}.${known[0]} }}`;
    const name = this.#names.take(wish, 'value');
    this.#fields.set(name, values);
    return `{{ ${this.#feeder}.${name} }}`;
  }
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shapeOf(map: Record<string, unknown>): string {
  return JSON.stringify(Object.keys(map).toSorted());
}
