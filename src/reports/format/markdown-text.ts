import { printable } from './printable.ts';

/**
 * Text that others wrote (names of a scenario, reasons a server gave), for GitHub's and GitLab's
 * Markdown: a code span. Inside one nothing is read as HTML, a link, a mention, an issue or
 * emphasis (CommonMark 0.31 §6.1). The fence is longer than any run of backticks in the text.
 * Pipes are escaped for tables, backslashes before a pipe doubled, so that it stays escaped.
 */
export function markdownText(text: string): string {
  const clean = printable(text).replaceAll('\u00a0', ' ').trim();
  if (clean === '') return '';
  const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = clean.startsWith('`') || clean.endsWith('`') ? ' ' : '';
  const escaped = clean.replace(/(\\*)\|/g, (_, slashes: string) => `${slashes}${slashes}\\|`);
  return `${fence}${pad}${escaped}${pad}${fence}`;
}

/** A table of GitHub Flavored Markdown; cells must be Markdown already. `right`: from column 2 on. */
export function markdownTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  { right = true } = {},
): string[] {
  const rule = heading.map((_, column) => (right && column > 0 ? '--:' : '---'));
  return [heading, rule, ...rows].map((row) => `| ${row.join(' | ')} |`);
}
