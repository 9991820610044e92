/** PostgreSQL documentation, COPY, "Text Format". */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\v': String.raw`\v`,
};
// Control characters are exactly what has to be escaped.
// oxlint-disable-next-line no-control-regex
const TO_ESCAPE = /[\\\u0008\f\n\r\t\v]/g;

/** One row of `COPY … FROM STDIN` in text form; the values are as `parameterBytes` gives them. */
export function copyRow(values: readonly (string | null)[]): string {
  let row = '';
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (i > 0) row += '\t';
    row += value === null ? String.raw`\N` : escaped(value);
  }
  return `${row}\n`;
}

function escaped(value: string): string {
  return value.replace(TO_ESCAPE, (character) => ESCAPES[character]!);
}
