/**
 * Text of requests inside the importers is literal, but for references to the environment, which
 * stand in it between two characters that no request has. `scenarioText` is the last step: it
 * writes both as the scenario language does.
 */
const OPEN = '\u{F0000}';
const CLOSE = '\u{F0001}';
const REFERENCE = /\u{F0000}([A-Za-z_][A-Za-z0-9_]*)\u{F0001}/gu;
const MARKS = /[\u{F0000}\u{F0001}]/gu;

/** A value that the environment gives. */
export function environmentReference(name: string): string {
  return `${OPEN}${name}${CLOSE}`;
}

export function hasReference(text: string): boolean {
  return text.includes(OPEN);
}

/** The names of the variables that the text reads. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map(([, name]) => name!);
}

/** What came from outside, without characters that would read as references. */
export function withoutMarks(text: string): string {
  return text.replace(MARKS, '');
}

/** Yields two braces. Not a constant: those are put in first, and what comes of it is read again. */
const TWO_BRACES = '{{ vu.id >= 0 ? "{{" : "" }}';

/** As a scenario writes it: what would begin a reference or a template there is escaped. */
export function scenarioText(text: string): string {
  return rowText(text).replaceAll('{{', () => TWO_BRACES);
}

/** The same for the value of a row, in which nothing is a template. */
function rowText(text: string): string {
  return text.replaceAll('${', () => '$${').replace(REFERENCE, (_, name: string) => `\${${name}}`);
}

/** Every text in a JSON value as a scenario writes it. */
export function scenarioValue(value: unknown): unknown {
  return mapScalars(value, (scalar) => {
    return typeof scalar === 'string' ? scenarioText(scalar) : scalar;
  });
}

/** Every text in a value of a row as a scenario writes it. */
export function rowValue(value: unknown): unknown {
  return mapScalars(value, (scalar) => (typeof scalar === 'string' ? rowText(scalar) : scalar));
}

/** A text or number in JSON, with the name of the member that it is, or is in a list of. */
type Change = (value: string | number, key: string) => unknown;

/** The same JSON value with every text and number in it replaced; keys stay. */
export function mapScalars(value: unknown, change: Change, key = ''): unknown {
  if (typeof value === 'string' || typeof value === 'number') return change(value, key);
  if (Array.isArray(value)) return value.map((item) => mapScalars(item, change, key));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => {
    return [name, mapScalars(member, change, name)] as const;
  });
  return Object.fromEntries(members);
}
