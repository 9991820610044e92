/**
 * Text out of a user's file or a server's answer, made safe for a terminal: control characters
 * (which could move the cursor, hide text or set the title) are dropped, tabs and line ends stay.
 */
export function printable(text: string): string {
  // C0 but for \t and \n, DEL, C1, and the marks that turn the direction of writing.
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
}
