import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OUTCOME } from '../../../src/measure/metrics/outcome.ts';
import { StreamedAnswer } from '../../../src/drivers/openai/stream/streamed-answer.ts';

/** Content, and what a chunk may say besides. */
interface Chunk {
  readonly content: string;
  readonly finish: string | null;
  readonly created: number;
  readonly usage: number | null;
  readonly isReasoning: boolean;
}

const chunk: fc.Arbitrary<Chunk> = fc.record({
  content: fc.oneof(
    fc.constantFrom('', ' a', 'stop', '"', '\\', 'x"}]}', '東京', '\n', 'null', ':"', ' b'),
    fc.string({ maxLength: 6 }),
  ),
  finish: fc.constantFrom(null, null, null, 'stop'),
  created: fc.constantFrom(1, 1, 1, 2),
  usage: fc.option(fc.nat(9), { freq: 5 }),
  isReasoning: fc.constantFrom(false, false, false, true),
});

function dataOf({ content, finish, created, usage, isReasoning }: Chunk): string {
  const delta = isReasoning ? { reasoning_content: content } : { content };
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return JSON.stringify({
    id: 'a',
    created,
    choices,
    ...(usage === null ? {} : { usage: { completion_tokens: usage } }),
  });
}

describe('chunks that are like the one before', () => {
  it('are read as JSON would be, whatever they say', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 30 }), (chunks) => {
        const answer = new StreamedAnswer();
        answer.begin({ needsDone: false, keepsText: true });
        for (const [index, each] of chunks.entries()) {
          const bytes = Buffer.from(`data: ${dataOf(each)}\n\n`);
          assert.equal(answer.take(bytes, 0, bytes.length, index), true);
        }
        const spoken = chunks.filter(({ isReasoning }) => !isReasoning);
        assert.equal(answer.text, spoken.map(({ content }) => content).join(''));
        const { events } = answer;
        assert.equal(events.length, chunks.length);
        // Where nothing was said, a count that grew may have brought a token.
        const said = [...events.brought.subarray(0, events.length)].map((bits) => bits & ~16);
        const expected = chunks.map(({ content, isReasoning }) => {
          return content === '' ? 1 : 1 | (isReasoning ? 4 : 2);
        });
        assert.deepEqual(said, expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('still end a stream that has too many of them', () => {
    const answer = new StreamedAnswer();
    answer.begin({ needsDone: true, keepsText: false });
    const text = `data: ${JSON.stringify({ choices: [{ delta: { content: ' a' } }] })}\n\n`;
    const bytes = Buffer.from(text.repeat(1000));
    let taken = 0;
    while (answer.take(bytes, 0, bytes.length, taken) && taken < 1000) taken++;
    assert.deepEqual(answer.failure(), {
      outcome: OUTCOME.protocol_error,
      reason: 'more than 262144 events',
    });
  });
});
