import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { environmentReference } from '../../../src/importers/literal.ts';
import { shellCommands } from '../../../src/importers/curl/shell-commands.ts';

const words = (text: string): readonly string[][] => shellCommands(text).map((one) => one.words);

/** What a request can hold; a terminal takes no NUL. */
const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''));

test('what a browser copies for bash is read as it was', () => {
  // Chrome's way (front_end/panels/network/NetworkLogView.ts): $'…' where quotes alone do not do.
  const escape = (value: string): string => {
    if (!/[^\x20-\x7e]|'|!/.test(value)) return `'${value}'`;
    const escaped = value
      .replace(/\\/g, '\\\\')
      .replace(/'/g, "\\'")
      .replace(/\n/g, '\\n')
      .replace(/\r/g, '\\r')
      .replace(/[^\x20-\x7e]|!/g, (unit) => {
        return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
      });
    return `$'${escaped}'`;
  };
  fc.assert(
    fc.property(text, text, (url, body) => {
      const command = `curl ${escape(url)} \\\n  --data-raw ${escape(body)}`;
      assert.deepEqual(words(command), [['curl', url, '--data-raw', body]]);
    }),
  );
});

test('what a browser copies for cmd is read as it was', () => {
  // Chrome's way: quotes of the program inside, and a caret before each that cmd would take.
  const escape = (value: string): string => {
    const quoted = value
      .replace(/\\/g, '\\\\')
      .replace(/"/g, '\\"')
      .replace(/[^a-zA-Z0-9\s_\-:=+~'/.,?;()*`]/g, '^$&')
      .replace(/\n/g, '^\n\n');
    return `^"${quoted}^"`;
  };
  const line = text.map((value) => value.replace(/[\r\\]/g, ''));
  fc.assert(
    fc.property(line, line, (url, body) => {
      const command = `curl ${escape(url)} ^\r\n  --data-raw ${escape(body)}`;
      assert.deepEqual(words(command), [['curl', url, '--data-raw', body]]);
    }),
  );
});

test('single quotes, double quotes and backslashes of bash mean what they mean there', () => {
  assert.deepEqual(words(String.raw`curl a\ b "c\"d\e" 'f\g'"h"i ''`), [
    ['curl', 'a b', String.raw`c"d\e`, String.raw`f\ghi`, ''],
  ]);
  assert.deepEqual(words('curl a # not read\n'), [['curl', 'a']]);
  assert.deepEqual(words(`curl $'\\x41\\101\\n'`), [['curl', 'AA\n']]);
});

test('several commands are several, and redirections belong to theirs', () => {
  assert.deepEqual(shellCommands("curl 'a' ;\ncurl b | jq . > out.txt 2>/dev/null && curl c"), [
    { words: ['curl', 'a'], redirections: [] },
    { words: ['curl', 'b'], redirections: [] },
    { words: ['jq', '.'], redirections: ['> out.txt', '2> /dev/null'] },
    { words: ['curl', 'c'], redirections: [] },
  ]);
  assert.deepEqual(words('curl ^"a?b=1^&c^" ^\n & curl ^"d^"'), [
    ['curl', 'a?b=1&c'],
    ['curl', 'd'],
  ]);
});

test('variables of the shell become references to the environment', () => {
  const token = environmentReference('TOKEN');
  assert.deepEqual(words('curl "a$TOKEN" \'b$TOKEN\' ${TOKEN} $5'), [
    ['curl', `a${token}`, 'b$TOKEN', token, '$5'],
  ]);
  assert.deepEqual(words('curl.exe "a $env:TOKEN" \'it\'\'s\' "x`"y" `\n "q""r"'), [
    ['curl.exe', `a ${token}`, "it's", 'x"y', 'q"r'],
  ]);
});

test('what is not closed, and what only a shell could answer, is refused', () => {
  for (const [command, reason] of [
    ["curl 'a", /single quote is not closed/],
    ['curl "a', /double quote is not closed/],
    ["curl $'a", /is not closed/],
    ['curl ^"a', /quote is not closed/],
    ['curl -d "$(date)"', /command substitution/],
    ['curl -d `date`', /command substitution/],
  ] as const) {
    assert.throws(() => shellCommands(command), reason, command);
  }
});
