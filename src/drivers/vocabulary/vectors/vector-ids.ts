import { ExpressionError } from '../../../base/expressions/expression-error.ts';

/** Whole numbers, or texts where a server takes them and no ground truth is compared. */
export type RowId = number | string;

const NUMBER_PATTERN = /^(0|[1-9]\d{0,15})$/;
const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Of the UUIDs of numbers below 2⁶⁴ all but the last 16 digits. */
const NUMBER_UUID_PATTERN = /^00000000-0000-0000-([0-9a-f]{4})-([0-9a-f]{12})$/i;

/** The id that was ingested, from what a server says: a number where it is one. */
export function idOfText(text: string): RowId {
  if (!NUMBER_PATTERN.test(text)) return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** The id as servers need it whose ids are 64-bit integers. */
export function integerId(id: RowId): number {
  const number = typeof id === 'number' ? id : idOfText(id);
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw new ExpressionError(`the id ${id} is no whole number from 0 to 2⁵³ − 1`, { text: 'ids' });
}

/**
 * The id as a UUID, for servers that have no others: the number as 128 bits (as Python's
 * `uuid.UUID(int=id)`), so that it can be read back and other tools' data has the same.
 */
export function uuidOfId(id: RowId): string {
  if (typeof id === 'string' && UUID_PATTERN.test(id)) return id.toLowerCase();
  const digits = integerId(id).toString(16).padStart(16, '0');
  return `00000000-0000-0000-${digits.slice(0, 4)}-${digits.slice(4)}`;
}

/** The inverse of `uuidOfId`. */
export function idOfUuid(uuid: string): RowId {
  const parts = NUMBER_UUID_PATTERN.exec(uuid);
  if (parts === null) return uuid;
  const number = Number.parseInt(parts[1]! + parts[2]!, 16);
  return Number.isSafeInteger(number) ? number : uuid;
}
