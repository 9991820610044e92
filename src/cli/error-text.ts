import type { LoadgenError } from '../base/errors/loadgen-error.ts';
import { printableLines } from '../reports/format/printable.ts';

/** One paragraph: what happened and where, what to do; the stack only where it was asked for. */
export function errorText(error: LoadgenError, options: { readonly debug: boolean }): string {
  const paragraph = `loadgen: ${error.message}\n${error.hint}\n`;
  const stack = options.debug ? `${error.stack ?? 'no stack'}\n` : '';
  return printableLines(paragraph + stack);
}
