/** One value of a record, and whether it stood in quotes. */
export interface CsvValue {
  readonly text: string;
  readonly quoted: boolean;
}

/** The values of one record (RFC 4180), or why it is none. */
export function parseCsvRecord(record: string): CsvValue[] | string {
  const values: CsvValue[] = [];
  let at = 0;
  for (;;) {
    const value = record[at] === '"' ? quotedValue(record, at) : plainValue(record, at);
    if (typeof value === 'string') return value;
    values.push(value);
    at = value.end;
    if (at === record.length) return values;
    if (record[at] !== ',') return `expected a comma after a quoted value, found ${record[at]}`;
    at++;
  }
}

interface ReadValue extends CsvValue {
  /** Of the comma after it, or of the record. */
  readonly end: number;
}

function plainValue(record: string, start: number): ReadValue | string {
  const comma = record.indexOf(',', start);
  const end = comma < 0 ? record.length : comma;
  const text = record.slice(start, end);
  return text.includes('"')
    ? 'a quote stands inside a value that does not begin with one'
    : { text, quoted: false, end };
}

function quotedValue(record: string, start: number): ReadValue | string {
  let from = start + 1;
  for (;;) {
    const quote = record.indexOf('"', from);
    if (quote < 0) return 'a quote is never closed';
    if (record[quote + 1] !== '"') {
      const text = record.slice(start + 1, quote).replaceAll('""', '"');
      return { text, quoted: true, end: quote + 1 };
    }
    from = quote + 2;
  }
}
