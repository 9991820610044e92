import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { SSE_EVENT_LIMIT_BYTES } from '../../../../src/drivers/wire/sse/limits.ts';
import { SseParser } from '../../../../src/drivers/wire/sse/sse-parser.ts';

interface Event {
  readonly type: string;
  readonly data: string;
}

/** The rules of the HTML standard (section 9.2.6) on the whole text at once, word for word. */
function eventsByTheStandard(bytes: Buffer): Event[] {
  const text = new TextDecoder('utf-8').decode(bytes);
  const lines = text.split(/\r\n|\n|\r/);
  // What follows the last line end is no line.
  lines.pop();
  const events: Event[] = [];
  let data = '';
  let type = '';
  for (const line of lines) {
    if (line === '') {
      if (data !== '') events.push({ type, data: data.slice(0, -1) });
      data = '';
      type = '';
      continue;
    }
    if (line.startsWith(':')) continue;
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data += `${value}\n`;
    else if (field === 'event') type = value;
  }
  return events;
}

/** By a parser of another hand, which is fed the whole text. */
function eventsByAnother(bytes: Buffer): Event[] {
  const events: Event[] = [];
  const parser = createParser({
    onEvent: ({ event = '', data }) => void events.push({ type: event, data }),
  });
  parser.feed(bytes.toString('utf8'));
  return events;
}

function parsed(bytes: Buffer, cuts: readonly number[] = []): Event[] {
  const events: Event[] = [];
  const parser = new SseParser((piece, from, to) =>
    events.push({ type: parser.type, data: piece.toString('utf8', from, to) }),
  );
  parser.begin();
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  for (let i = 1; i < places.length; i++) {
    // Each piece lies in other bytes that are overwritten afterwards, as in the arena of a turn.
    const before = Buffer.from('data: not of this piece\n\n');
    const piece = bytes.subarray(places[i - 1], places[i]);
    const arena = Buffer.concat([before, piece, before]);
    parser.take(arena, before.length, before.length + piece.length);
    arena.fill('\n');
  }
  return events;
}

const line = fc.oneof(
  fc.constantFrom(
    'data',
    'data:',
    'data: ',
    'data:  two',
    'data: {"a":1}',
    'data:x',
    'dat: a',
    'datas: a',
    'event: delta',
    'event',
    'event:',
    'eventual: no',
    ': ping',
    ':',
    'id: 7',
    'retry: 10',
    '',
    '',
    '',
    '\uFEFFdata: mark',
    'data: naïve 東京 🦙',
  ),
  fc.string(),
);
const stream = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r', ''))))
  .map(([mark, lines]) =>
    Buffer.from((mark ? '\uFEFF' : '') + lines.map((parts) => parts.join('')).join('')),
  );

describe('reading server-sent events', () => {
  it('finds what the standard finds, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(400), { maxLength: 40 }), (bytes, cuts) => {
        const places = cuts.map((cut) => cut % (bytes.length + 1));
        assert.deepEqual(parsed(bytes, places), eventsByTheStandard(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('finds in streams of JSON what another parser finds', () => {
    const event = fc.record({ type: fc.constantFrom('', 'delta'), data: fc.json() });
    const text = fc.array(fc.tuple(event, fc.constantFrom('', ': ping\n\n'))).map((events) => {
      const written = events.map(([{ type, data }, comment]) => {
        return `${comment}${type === '' ? '' : `event: ${type}\n`}data: ${data}\n\n`;
      });
      return Buffer.from(written.join(''));
    });
    fc.assert(
      fc.property(text, fc.array(fc.nat(400), { maxLength: 20 }), (bytes, cuts) => {
        const places = cuts.map((cut) => cut % (bytes.length + 1));
        assert.deepEqual(parsed(bytes, places), eventsByAnother(bytes));
      }),
    );
  });

  it('finds the same in bytes that arrive one by one', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const cuts = Array.from({ length: bytes.length }, (_, at) => at);
        assert.deepEqual(parsed(bytes, cuts), eventsByTheStandard(bytes));
      }),
    );
  });

  it('takes a mark at the very beginning for no part of the first line, and elsewhere for one', () => {
    const bytes = Buffer.from('\uFEFFdata: first\n\n\uFEFFdata: second\n\n');
    for (let cut = 0; cut < 8; cut++) {
      assert.deepEqual(parsed(bytes, [cut]), [{ type: '', data: 'first' }]);
    }
  });

  it('hands on what the data of an event is, and nothing of an event that is cut off', () => {
    const bytes = Buffer.from('data: a\ndata: b\n\ndata: [DONE]\n\ndata: cut off\n');
    assert.deepEqual(
      parsed(bytes).map(({ data }) => data),
      ['a\nb', '[DONE]'],
    );
  });

  it('says whether an event has begun that has not ended', () => {
    const parser = new SseParser(() => {});
    parser.begin();
    for (const [text, within] of [
      ['data: a', true],
      ['\n', true],
      ['\n', false],
      [': ping', true],
      ['\n', false],
      ['event: x\n', true],
      ['\r\n', false],
    ] as const) {
      parser.take(Buffer.from(text), 0, text.length);
      assert.equal(parser.isWithinEvent, within, JSON.stringify(text));
    }
  });

  it('counts comments, which are no events', () => {
    const parser = new SseParser(() => assert.fail('a comment is no event'));
    parser.begin();
    const bytes = Buffer.from(': keep-alive\n\n'.repeat(100));
    parser.take(bytes, 0, bytes.length);
    assert.equal(parser.comments, 100);
  });

  it('refuses a line, and an event of many lines, that grow beyond the limit', () => {
    for (const piece of ['x'.repeat(65_536), `data: ${'x'.repeat(65_529)}\n`]) {
      const parser = new SseParser(() => {});
      parser.begin();
      let taken = 0;
      while (parser.reason === '' && taken < 2 * SSE_EVENT_LIMIT_BYTES) {
        parser.take(Buffer.from(piece), 0, piece.length);
        taken += piece.length;
      }
      assert.equal(parser.reason, 'event over 4 MiB');
      assert.ok(taken <= SSE_EVENT_LIMIT_BYTES + 2 * 65_536);
    }
  });

  it('begins anew with another stream', () => {
    const events: string[] = [];
    const parser = new SseParser((bytes, from, to) =>
      events.push(parser.type + bytes.toString('utf8', from, to)),
    );
    for (const text of ['event: old\ndata: lost', '\uFEFFdata: new\n\n']) {
      parser.begin();
      const bytes = Buffer.from(text);
      parser.take(bytes, 0, bytes.length);
    }
    assert.deepEqual(events, ['new']);
  });
});
