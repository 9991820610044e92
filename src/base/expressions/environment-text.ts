import { ExpressionError } from './expression-error.ts';

/** A text with what the environment said put in. */
export interface SubstitutedText {
  readonly text: string;
  /** The variables it names, whether they are set or not. */
  readonly usedNames: readonly string[];
  /** Those that are not set and have no default; their place in `text` is empty. */
  readonly missing: readonly string[];
}

const REFERENCE = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\})?/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}`; `$${` stands for a literal `${`. As in the shell,
 * the default counts where the variable is unset or empty. Throws an ExpressionError for a `${`
 * that is no reference, since what it meant would be lost without a word.
 */
export function substituteEnvironment(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): SubstitutedText {
  const usedNames: string[] = [];
  const missing: string[] = [];

  function replace(found: string, name?: string, fallback?: string, offset?: number): string {
    if (found === '$${') return '${';
    if (name === undefined) {
      const reason = '"${" begins a reference such as ${NAME} or ${NAME:-default}; "$${" is text';
      throw new ExpressionError(reason, { text, offset });
    }
    usedNames.push(name);
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (fallback !== undefined) return value || fallback;
    if (value === undefined) missing.push(name);
    return value ?? '';
  }

  return { text: text.replace(REFERENCE, replace), usedNames, missing };
}
