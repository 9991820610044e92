export type CsvValue = string | number | null | undefined;

/** What spreadsheets take for the start of a formula, also in its full-width form. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * A line of a CSV file (RFC 4180). Texts that a spreadsheet would take for a formula get an
 * apostrophe in front, which makes it show them as they are (OWASP, "CSV Injection"). `end` is `\n`
 * where a terminal may be the reader.
 */
export function csvLine(values: readonly CsvValue[], end: '\r\n' | '\n' = '\r\n'): string {
  return `${values.map(cell).join(',')}${end}`;
}

function cell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
