import { mapScalars, type Path, type SourceNode, type SourceScalar } from './source/source-node.ts';

/** What stands in place of a value that must not be shown. */
export const REDACTED = '***';

/** Keys under which a value out of the environment may be a secret. */
const SENSITIVE_KEYS = new Set(['url', 'headers', 'metadata', 'tls', 'auth', 'proxy']);

/** Headers given on the command line are secrets as well: shells fill them in. */
const SECRET_WHOLE_KEYS = new Set(['headers', 'metadata', 'tls', 'auth']);

/** What stands below `auth` and is no secret. */
const OPEN_AUTH_KEYS = new Set(['region', 'service']);

/** Shorter parts occur in ordinary words; they are hidden only at their own place. */
const SHORTEST_SECRET = 4;

/** Whether values out of the environment are hidden at this path. */
export function isSensitive(path: Path): boolean {
  return path.some((key) => SENSITIVE_KEYS.has(String(key))) || isToken(path);
}

/** The token of an output. Elsewhere a key of that name counts tokens of a text. */
function isToken(path: Path): boolean {
  return path[0] === 'outputs' && path.at(-1) === 'token';
}

/** A tree that may be shown, and what may be shown nowhere. */
export interface Redaction {
  readonly root: SourceNode;
  readonly paths: readonly Path[];
  readonly secrets: readonly string[];
}

/**
 * The tree of a trial with everything hidden that came out of the environment into a url, a
 * header and the like, straight or by way of a param; and user names and passwords in urls.
 */
export function redact(root: SourceNode): Redaction {
  const paths: Path[] = [];
  const secrets = new Set<string>();
  const sensitiveParams = paramsInSensitivePlaces(root);
  const shown = mapScalars(root, (scalar, path) => {
    const isParam = path[0] === 'params' && sensitiveParams.has(String(path[1]));
    const hidden = isSensitive(path) || isParam ? hiddenValue(scalar, path) : undefined;
    if (hidden === undefined) return scalar;
    paths.push(path);
    for (const secret of hidden.secrets) secrets.add(secret);
    return { ...scalar, value: hidden.value };
  });
  return { root: shown, paths, secrets: [...secrets] };
}

/** The text with every secret in it hidden, as it is or as JSON writes it. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  let hidden = text;
  for (const secret of secrets.toSorted((a, b) => b.length - a.length)) {
    if (secret.length < SHORTEST_SECRET) continue;
    for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1)])) {
      hidden = hidden.replaceAll(form, REDACTED);
    }
  }
  return hidden;
}

function hiddenValue(
  scalar: SourceScalar,
  path: Path,
): { value: string; secrets: readonly string[] } | undefined {
  const text = String(scalar.value);
  if (isCredential(path)) return { value: REDACTED, secrets: [text] };
  const isFromCommandLine = scalar.place.override?.startsWith('--set') === true;
  if (isFromCommandLine && isWholeSecret(path)) {
    return { value: REDACTED, secrets: [text] };
  }
  const masked = scalar.environment?.masked ?? text;
  const credentials = /:\/\/([^/?#@]+)@/.exec(masked)?.[1];
  const value = credentials === undefined ? masked : masked.replace(credentials, REDACTED);
  if (value === text) return undefined;
  const secrets = [...(scalar.environment?.secrets ?? []), credentials ?? REDACTED];
  return { value, secrets: secrets.filter((secret) => secret !== REDACTED) };
}

function isWholeSecret(path: Path): boolean {
  return isToken(path) || path.some((key) => SECRET_WHOLE_KEYS.has(String(key)));
}

/** Below `auth` of a target everything is hidden, also where it stands in the file itself. */
function isCredential(path: Path): boolean {
  const [section, , key] = path;
  return section === 'targets' && key === 'auth' && !OPEN_AUTH_KEYS.has(String(path.at(-1)));
}

function paramsInSensitivePlaces(root: SourceNode): Set<string> {
  const names = new Set<string>();
  mapScalars(root, (scalar, path) => {
    if (!isSensitive(path) || typeof scalar.value !== 'string') return scalar;
    for (const [, name] of scalar.value.matchAll(/\bparams\.(\w+)/g)) names.add(name!);
    return scalar;
  });
  return names;
}
