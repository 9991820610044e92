/** What a line of a report may stand out by. Files and pipes get the plain one. */
export interface Palette {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

const asIs = (text: string): string => text;

export const plainPalette: Palette = {
  strong: asIs,
  dim: asIs,
  good: asIs,
  bad: asIs,
  warn: asIs,
};

/** The sixteen colours that every terminal has and its user has chosen. */
export const ansiPalette: Palette = {
  strong: (text) => `\u001b[1m${text}\u001b[22m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
  good: (text) => `\u001b[32m${text}\u001b[39m`,
  bad: (text) => `\u001b[31m${text}\u001b[39m`,
  warn: (text) => `\u001b[33m${text}\u001b[39m`,
};
