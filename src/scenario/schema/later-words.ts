/**
 * Words that the language has and this version does not: whoever uses one should learn that it
 * is no slip of theirs. A word that a schema knows is never looked up here.
 */
const LATER_KEYS: readonly { readonly section: RegExp; readonly keys: readonly string[] }[] = [
  {
    section: /^targets\.[^.]+$/,
    keys: ['client'],
  },
];

const LATER_VALUES: readonly { readonly key: RegExp; readonly values: readonly string[] }[] = [
  {
    key: /^targets\.[^.]+\.driver$/,
    values: ['s3', 'files', 'exec'],
  },
];

export const LATER_MESSAGE = 'known to the language, not supported by this version';

/** All of them, for the reference page. */
export const LATER_WORDS: readonly string[] = [
  ...new Set([
    ...LATER_KEYS.flatMap(({ keys }) => keys),
    ...LATER_VALUES.flatMap(({ values }) => values),
  ]),
];

/** Whether a later version has `key` in the map at `section` (a dotted path). */
export function isLaterKey(section: string, key: string): boolean {
  return LATER_KEYS.some((later) => later.section.test(section) && later.keys.includes(key));
}

/** Whether a later version takes `value` at `path` (dotted). */
export function isLaterValue(path: string, value: unknown): boolean {
  return LATER_VALUES.some(
    (later) => later.key.test(path) && later.values.includes(value as string),
  );
}
