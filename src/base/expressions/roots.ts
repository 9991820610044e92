import { closest, distance } from 'fastest-levenshtein';

/**
 * What may be read, as a tree: `any` where nothing is known of what lies below (a JSON answer),
 * else the members there are. The top of the tree holds the roots.
 */
export type Shape = 'any' | { readonly [member: string]: Shape };

/** The roots that are there in every expression, whatever the scenario calls its own things. */
export const FIXED_ROOTS = ['params', 'steps', 'vu', 'iteration'] as const;

/** `names` as the members of a shape of which nothing further is known. */
export function membersOf(names: Iterable<string>): Shape {
  return Object.fromEntries([...names].map((name) => [name, 'any' as const]));
}

/** "did you mean X?" for a slip of the pen, otherwise the list of what there is. */
export function suggestName(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'nothing is known there';
  const nearest = closest(name, known);
  const slips = Math.max(2, Math.floor(name.length / 3));
  if (distance(name, nearest) <= slips) return `did you mean "${nearest}"?`;
  return `known: ${known.join(', ')}`;
}
