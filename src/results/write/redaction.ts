const REDACTED = '<redacted>';

/**
 * A copy of the effective configuration without the values at `paths` (dotted; items of a list by
 * their name or number): what came from the environment may be a secret and is never written.
 */
export function redactedConfig(
  config: Readonly<Record<string, unknown>>,
  paths: readonly string[],
): Record<string, unknown> {
  const copy = structuredClone(config) as Record<string, unknown>;
  for (const path of paths) redactAt(copy, path.split('.'));
  return copy;
}

/** Keys may hold dots themselves, so that the longest key that fits is tried at every level. */
function redactAt(node: unknown, parts: readonly string[]): boolean {
  if (typeof node !== 'object' || node === null) return false;
  for (let length = parts.length; length > 0; length--) {
    const key = keyIn(node, parts.slice(0, length).join('.'));
    if (key === undefined) continue;
    const container = node as Record<string, unknown>;
    if (length < parts.length && redactAt(container[key], parts.slice(length))) return true;
    if (length === parts.length) {
      container[key] = REDACTED;
      return true;
    }
  }
  return false;
}

function keyIn(node: object, part: string): string | undefined {
  if (Object.hasOwn(node, part)) return part;
  if (!Array.isArray(node)) return undefined;
  const index = node.findIndex(
    (item: unknown) =>
      typeof item === 'object' && item !== null && 'name' in item && item.name === part,
  );
  return index < 0 ? undefined : String(index);
}

/** A URL as results may show it: scheme, host, port and path; no user, password or query. */
export function publicUrl(url: string): string {
  if (url === '') return '';
  try {
    const parsed = new URL(url);
    const host = parsed.host === '' ? '' : parsed.host;
    return `${parsed.protocol}//${host}${parsed.pathname === '/' ? '' : parsed.pathname}`;
  } catch {
    return REDACTED;
  }
}
