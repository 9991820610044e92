import type { Result } from '../schema/result.ts';

/** `result.json`: laid out for people, but for the series, which take a line each. */
export function* resultText(result: Result): Generator<string> {
  const { series, ...rest } = result;
  const head = JSON.stringify(rest, undefined, 2);
  yield `${head.slice(0, -2)},\n  "series": [`;
  for (const [index, record] of series.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${JSON.stringify(record)}`;
  }
  yield '\n  ]\n}\n';
}
