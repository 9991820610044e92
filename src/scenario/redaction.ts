import type { Path } from './source/source-node.ts';

/** What stands in place of a value that must not be shown. */
export const REDACTED = '***';

/** Keys under which a value out of the environment may be a secret. */
const SENSITIVE_KEYS = new Set(['url', 'headers', 'metadata', 'tls']);

/** Whether values out of the environment are hidden at this path. */
export function isSensitive(path: Path): boolean {
  return path.some((key) => SENSITIVE_KEYS.has(String(key)));
}
