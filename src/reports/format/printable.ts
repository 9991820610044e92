/**
 * Names come from scenario files and answers, and a terminal obeys what it is sent. Control
 * characters (escape sequences among them), line and paragraph separators, and the marks that turn
 * the direction of writing are replaced; everything else stays as it is.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    '\ufffd',
  );
}

/** The same of a text of several lines: their ends stay, and tabs. */
export function printableLines(text: string): string {
  return text.replace(/[^\t\n]+/g, printable);
}
