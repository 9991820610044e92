import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';

/**
 * What CEL computed, as JavaScript writes it: its 64-bit integers become numbers where those are
 * exact, and stay bigint beyond. Lists and maps without such integers are returned as they are.
 */
export function toJavaScript(value: unknown): unknown {
  if (typeof value === 'bigint') return fromBigInt(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return fromList(value);
  if (value instanceof UnsignedInt) return fromBigInt(value.value);
  return value.constructor === Object ? fromMap(value as Record<string, unknown>) : value;
}

function fromBigInt(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function fromList(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const value = toJavaScript(list[i]);
    if (!Object.is(value, list[i])) copy ??= [...list];
    if (copy) copy[i] = value;
  }
  return copy ?? list;
}

function fromMap(map: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(map)) {
    const value = toJavaScript(member);
    if (!Object.is(value, member)) copy ??= { ...map };
    if (copy) copy[key] = value;
  }
  return copy ?? map;
}
