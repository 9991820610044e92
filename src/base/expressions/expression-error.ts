/** What an `ExpressionError` is about. */
export interface ExpressionErrorPlace {
  /** The expression or template as the scenario has it. */
  readonly text: string;
  /** Where in `text` it goes wrong, in characters from 0, where that is known. */
  readonly offset?: number | undefined;
}

/**
 * A text of the scenario that is no expression or template, or that a row of data broke. Thrown
 * while compiling, it becomes a problem with a position; thrown while rendering, TEMPLATE_FAILED.
 */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly text: string;
  readonly offset: number | undefined;

  /** `reason` is a phrase without a full stop, such as `"line" is missing`. */
  constructor(reason: string, place: ExpressionErrorPlace, options?: ErrorOptions) {
    super(reason, options);
    this.text = place.text;
    this.offset = place.offset;
  }

  /** The same error, told of a longer text in which this one begins at `offset`. */
  within(text: string, offset: number): ExpressionError {
    const place = { text, offset: offset + (this.offset ?? 0) };
    return new ExpressionError(this.message, place, { cause: this.cause });
  }
}
