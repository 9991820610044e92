import { LoadgenError } from '../base/errors/loadgen-error.ts';

/** Reads the value of an option that is a whole number. Throws OPTION_INVALID. */
export function wholeNumber(
  command: string,
  option: string,
  least: number,
): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number;
    const expected = `a whole number from ${least}`;
    throw new LoadgenError('OPTION_INVALID', { option, value, expected, command });
  };
}
