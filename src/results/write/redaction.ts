import { REDACTED } from '../../scenario/redaction.ts';
import type { Scalar } from '../../scenario/resolved.ts';

/**
 * A URL as results may show it: scheme, host, port and path, but no user, password and query. Of
 * one out of the environment (`isSecret`) the path is left out too: it may hold a token.
 */
export function publicUrl(url: string, isSecret: boolean): string {
  if (url === '') return '';
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname === '/' || isSecret ? '' : pathname}`;
  } catch {
    return REDACTED;
  }
}

/** Values by name, without those whose path in the scenario is among the redacted ones. */
export function publicValues(
  values: Readonly<Record<string, Scalar>>,
  pathOf: (name: string) => string,
  redactedPaths: readonly string[],
): Record<string, Scalar> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      redactedPaths.includes(pathOf(name)) ? REDACTED : value,
    ]),
  );
}
