import { countMetric, numbersOf, ratioMetric, type Scorer } from './scorer.ts';

/** A tensor of an answer: its values one behind the other. */
interface Tensor {
  readonly values: unknown;
}

/**
 * How far the numbers of an answer are from those expected: the largest difference, and the largest
 * difference over the size of the number expected (at least 1, so that numbers around 0 do not
 * decide it). The reference is `{ output: numbers }`, or numbers where there is one output.
 */
export function tensorErrorScorer(): Scorer {
  return {
    name: 'tolerance',
    answerField: 'outputs',
    metrics: [
      ratioMetric('absolute_error', 'lower', 'The largest difference from a number expected.'),
      ratioMetric('relative_error', 'lower', 'The same over the size of that number, at least 1.'),
      countMetric('wrong_shapes', 'Answers with more or fewer numbers than expected.', 'attempted'),
    ],
    input(answer, reference) {
      if (typeof answer !== 'object' || answer === null) return 'no_answer';
      const expected = expectedOf(reference, answer as Record<string, Tensor>);
      if (expected === undefined) return 'no_reference';
      const values = expected.map(([name]) =>
        numbersOf(flat((answer as Record<string, Tensor>)[name]?.values)),
      );
      if (values.includes(undefined)) return 'no_answer';
      return {
        answer: values.flatMap((one) => [...one!]),
        reference: expected.flatMap(([, numbers]) => [...numbers]),
      };
    },
    score({ answer, reference }) {
      const [found, expected] = [answer, reference] as [ArrayLike<number>, ArrayLike<number>];
      if (found.length !== expected.length) return { wrong_shapes: 1 };
      let absolute = 0;
      let relative = 0;
      for (let at = 0; at < expected.length; at++) {
        const difference = Math.abs(found[at]! - expected[at]!);
        absolute = Math.max(absolute, difference);
        relative = Math.max(relative, difference / Math.max(1, Math.abs(expected[at]!)));
      }
      return { absolute_error: absolute, relative_error: relative, wrong_shapes: 0 };
    },
  };
}

type Expected = readonly (readonly [name: string, numbers: ArrayLike<number> & Iterable<number>])[];

function expectedOf(reference: unknown, answer: Record<string, Tensor>): Expected | undefined {
  const list = numbersOf(flat(reference));
  const names = Object.keys(answer);
  if (list !== undefined) return names.length === 1 ? [[names[0]!, list]] : undefined;
  if (typeof reference !== 'object' || reference === null) return undefined;
  const named = Object.entries(reference).map(
    ([name, numbers]) => [name, numbersOf(flat(numbers))] as const,
  );
  if (named.length === 0 || named.some(([, numbers]) => numbers === undefined)) return undefined;
  return named as Expected;
}

/** Lists of lists of numbers, as rows of a tensor are written. */
function flat(value: unknown): unknown {
  return Array.isArray(value) ? value.flat(Infinity) : value;
}
