export type CsvValue = string | number | null | undefined;

/**
 * A line of a CSV file (RFC 4180). Texts that a spreadsheet would take for a formula get an
 * apostrophe in front, which makes it show them as they are (OWASP, "CSV Injection").
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const safe = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
