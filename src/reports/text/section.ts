import { padEnd } from '../format/width.ts';
import { wrap } from '../format/wrap.ts';

/** Reports stay readable in a terminal that is split in two, and in a mail. */
export const REPORT_COLUMNS = 100;
const LABEL_COLUMNS = 14;

/** `  label       text`, with further lines below the text where it is too long for one. */
export function labelled(label: string, text: string, style = asIs): string[] {
  const lines = wrap(text, REPORT_COLUMNS - LABEL_COLUMNS - 2);
  return lines.map((line, index) => {
    const left = padEnd(index === 0 ? label : '', LABEL_COLUMNS);
    return `  ${left}${style(line)}`;
  });
}

function asIs(text: string): string {
  return text;
}
