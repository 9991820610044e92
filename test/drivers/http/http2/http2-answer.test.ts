import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Http2Answer } from '../../../../src/drivers/http/http2/http2-answer.ts';

type Fields = readonly (readonly [name: string, value: string])[];

const EXPECTATION = { bodiless: false, keepHead: true, keepBody: true };

/** Why an answer of these parts is refused; undefined where it is not. Texts are of the body. */
function refusal(parts: readonly (Fields | string)[], bodiless = false): string | undefined {
  const answer = new Http2Answer();
  answer.begin({ ...EXPECTATION, bodiless });
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (typeof part === 'string') {
      const bytes = Buffer.from(part);
      const refused = answer.takeData(bytes, 0, bytes.length);
      if (refused !== undefined) return refused;
      if (isLast) return answer.takeEnd();
    } else {
      const fields = part.map(([name, value]) => ({ name, value }));
      const refused = answer.takeFields(fields, isLast);
      if (refused !== undefined) return refused;
    }
  }
  return undefined;
}

const status = (code: string): Fields => [[':status', code]];
const OK = status('200');
const sized = (bytes: string): Fields => [...OK, ['content-length', bytes]];

describe('an answer over HTTP/2', () => {
  const sound: readonly (readonly [title: string, parts: readonly (Fields | string)[]])[] = [
    ['without a body', [OK]],
    ['with a body of the length it says', [sized('4'), 'bo', 'dy']],
    ['with equal lengths', [[...sized('2'), ['content-length', '2']], 'ok']],
    ['after interim ones', [status('100'), [...status('103'), ['link', '</x>']], OK, 'ok']],
    ['with trailers', [OK, 'ok', [['x-after', 'it']]]],
    [
      'that says the length of a body that 304 does not have',
      [[...status('304'), ['content-length', '9']]],
    ],
    ['with values in Latin-1', [[...OK, ['x-a', 'é'], ['x-b', '']]]],
  ];
  for (const [title, parts] of sound) {
    it(`is taken ${title}`, () => assert.equal(refusal(parts), undefined));
  }

  const refused: readonly (readonly [reason: string, parts: readonly (Fields | string)[]])[] = [
    ['bad status', [[['x-a', '1']]]],
    ['bad status', [[]]],
    ['bad status', [status('2000')]],
    ['bad status', [status('099')]],
    ['bad header name', [[...OK, [':status', '200']]]],
    ['bad header name', [[...OK, ['X-A', '1']]]],
    ['bad header name', [[...OK, ['x a', '1']]]],
    ['bad header name', [[...OK, ['', '1']]]],
    ['bad header value', [[...OK, ['x-a', '1\r\nx-b: 2']]]],
    ['bad header value', [[...OK, ['x-a', '\0']]]],
    ['the header connection, which HTTP/2 has not', [[...OK, ['connection', 'close']]]],
    [
      'the header transfer-encoding, which HTTP/2 has not',
      [[...OK, ['transfer-encoding', 'chunked']]],
    ],
    ['bad content-length', [sized('-1')]],
    ['bad content-length', [sized('1, 1')]],
    ['two content-lengths that differ', [[...sized('2'), ['content-length', '3']]]],
    ['a body longer than its content-length', [sized('2'), 'longer']],
    ['a body shorter than its content-length', [sized('9'), 'short']],
    ['a body shorter than its content-length', [sized('9')]],
    ['a body shorter than its content-length', [sized('9'), 'short', [['x-after', 'it']]]],
    ['a body where none may be', [status('204'), 'body']],
    ['data before header fields', ['body']],
    ['data before header fields', [status('100'), 'body']],
    ['header fields within the answer', [OK, OK, 'body']],
    ['bad header name', [OK, 'body', OK]],
    ['protocol switch (101)', [status('101'), OK]],
    ['an interim answer that ends the stream', [status('100')]],
    ['more than 32 interim responses', [...Array.from({ length: 33 }, () => status('103')), OK]],
  ];
  for (const [reason, parts] of refused) {
    it(`is refused: ${reason} in ${JSON.stringify(parts).slice(0, 60)}`, () => {
      assert.equal(refusal(parts), reason);
    });
  }

  it('to HEAD has no body, whatever length it says', () => {
    assert.equal(refusal([sized('9')], true), undefined);
    assert.equal(refusal([sized('9'), 'body'], true), 'a body where none may be');
  });

  it('that is to be kept is refused beyond the limit that HTTP/1.1 has', () => {
    const answer = new Http2Answer();
    answer.begin(EXPECTATION);
    answer.takeFields([{ name: ':status', value: '200' }], false);
    const piece = Buffer.alloc(8 * 2 ** 20);
    for (let count = 0; count < 4; count++) {
      assert.equal(answer.takeData(piece, 0, piece.length), undefined);
    }
    assert.equal(answer.takeData(piece, 0, 1), 'kept body over 32 MiB');
  });

  it('names its header fields once each, values joined', () => {
    const answer = new Http2Answer();
    answer.begin(EXPECTATION);
    const fields = [
      [':status', '200'],
      ['a', '1'],
      ['set-cookie', 'x'],
      ['set-cookie', 'y'],
    ];
    answer.takeFields(
      fields.map(([name, value]) => ({ name: name!, value: value! })),
      true,
    );
    assert.deepEqual(answer.fields(), { a: '1', 'set-cookie': 'x, y' });
    assert.deepEqual(answer.valuesOf('set-cookie'), ['x', 'y']);
  });
});
