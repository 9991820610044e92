/** The number that a pattern's first group catches; throws where the text has none. */
export function numberIn(text: string, pattern: RegExp): number {
  const found = optionalNumberIn(text, pattern);
  if (found === null) throw new Error(`no ${pattern} in what the tool printed:\n${text}`);
  return found;
}

/** The same, null where the text has none. */
export function optionalNumberIn(text: string, pattern: RegExp): number | null {
  const caught = pattern.exec(text)?.[1];
  return caught === undefined ? null : Number(caught);
}
