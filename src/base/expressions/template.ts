/**
 * What expressions may read: `params`, `<feeder>.<field>`, `steps.<step>.<name>`, `vu.id`,
 * `iteration.{id,uuid}`, and in a step's own expectations its verb's result fields.
 */
export type Scope = Record<string, unknown>;

/** A text with places that change: `statics` has one entry more than `dynamics`. */
export interface Template {
  readonly statics: readonly string[];
  /**
   * Rendered and escaped for where they stand. They throw an ExpressionError when a row lacks
   * what they name, or has it in a form that cannot stand there.
   */
  readonly dynamics: readonly ((scope: Scope) => string)[];
  /** The whole text when nothing in it changes. */
  readonly constant: string | undefined;
  /** What its expressions read, as far as their roots are known. */
  readonly reads: ReadonlySet<string>;
  render(scope: Scope): string;
}

/** Where a rendered text stands decides how its values are escaped. */
export type TemplateContext = 'json-string' | 'url-path' | 'url-query' | 'header' | 'text';
