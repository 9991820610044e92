import { distance } from 'fastest-levenshtein';

/** The known name that `name` was most likely meant to be; undefined when none is close. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  // A third of the letters may be wrong, at least two: `vuss`, `itterations`, `max_duration`.
  let smallest = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const steps = distance(plain(name), plain(candidate));
    if (steps >= smallest || steps >= candidate.length) continue;
    smallest = steps;
    nearest = candidate;
  }
  return nearest;
}

/** `did you mean vus?`, or else all the names there are. */
export function nearestHint(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = nearestName(name, known);
  return nearest === undefined
    ? `known: ${[...new Set(known)].join(', ')}`
    : `did you mean ${nearest}?`;
}

/** snake_case, kebab-case and capitals are the usual slips for a camelCase key. */
function plain(name: string): string {
  return name.replace(/[-_]/g, '').toLowerCase();
}
