import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printable, printableLines } from '../../../src/reports/format/printable.ts';
import { cut, displayWidth } from '../../../src/reports/format/width.ts';
import { wrap } from '../../../src/reports/format/wrap.ts';

test('nothing that a terminal obeys is left of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const letter of printable(text)) {
        const code = letter.codePointAt(0)!;
        assert.ok(code >= 0x20 && (code < 0x7f || code > 0x9f), `U+${code.toString(16)}`);
      }
    }),
  );
});

test('escape sequences, line breaks and turned writing are replaced, other letters stay', () => {
  assert.equal(printable('a\u001b[2Jb'), 'a\ufffd[2Jb');
  assert.equal(printable('one\ntwo\u2028three\u202efour'), 'one\ufffdtwo\ufffdthree\ufffdfour');
  assert.equal(printable('Größe 東京 ✓'), 'Größe 東京 ✓');
});

test('of several lines the ends and tabs stay, and nothing else that a terminal obeys', () => {
  assert.equal(printableLines('a\tb\nc\u001b[31m\u009bd\r'), 'a\tb\nc\ufffd[31m\ufffdd\ufffd');
});

test('a cut text is never wider than the columns it is given', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', '東', 'é', '\u0301', '🙂') });
  fc.assert(
    fc.property(letters, fc.integer({ min: 0, max: 40 }), (text, columns) => {
      const kept = cut(text, columns);
      assert.ok(displayWidth(kept) <= columns);
      assert.ok(displayWidth(text) > columns || kept === text);
    }),
  );
});

test('Chinese, Japanese, Korean letters and pictures take two columns, marks none', () => {
  assert.equal(displayWidth('東京'), 4);
  assert.equal(displayWidth('한글 🙂'), 7);
  assert.equal(displayWidth('e\u0301'), 1);
});

test('wrapping keeps all words, in order, within the columns', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,10}$/), { minLength: 1 }), (words) => {
      const lines = wrap(words.join(' '), 20);
      assert.equal(lines.join(' '), words.join(' '));
      assert.ok(lines.every((line) => line.length <= 20));
    }),
  );
});

test('a word that is wider than a line is broken inside', () => {
  assert.deepEqual(wrap('a bcdefghij k', 4), ['a', 'bcd', 'efg', 'hij', 'k']);
});
