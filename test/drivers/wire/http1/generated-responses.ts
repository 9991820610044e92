import fc from 'fast-check';

const letters = (alphabet: string, maxLength: number, minLength = 0): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), minLength, maxLength });
const token = letters('abcXYZ019-_!~', 12, 1);
const value = letters('ab Z09:;,="/\t\xe9', 20).map((text) => text.trim());
const headerLine = fc
  .tuple(token, fc.constantFrom('', ' ', '\t', '  '), value, fc.constantFrom('', ' '))
  .map(([name, before, text, after]) => `X-${name}:${before}${text}${after}\r\n`);
const headerLines = fc.array(headerLine, { maxLength: 5 }).map((lines) => lines.join(''));
const text = letters('hello world\r\n0123', 60);

const chunk = fc
  .tuple(text, fc.constantFrom('', ';a', ';a=b;c="d"'), fc.boolean())
  .filter(([data]) => data.length > 0)
  .map(([data, extension, upperCase]) => {
    const size = data.length.toString(16);
    return `${upperCase ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`;
  });
const framed = fc.oneof(
  text.map((body) => `Content-Length: ${body.length}\r\n\r\n${body}`),
  fc.tuple(fc.array(chunk, { maxLength: 4 }), fc.boolean()).map(([chunks, trailer]) => {
    const trailers = trailer ? 'X-Trailer: yes\r\n' : '';
    return `Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n${trailers}\r\n`;
  }),
  text.map((body) => `\r\n${body}`),
);
const withBody = fc
  .tuple(fc.constantFrom('200 OK', '201', '301 Moved', '404 Not Found', '500 \xe9', '299 '), framed)
  .map(([status, rest]) => ({ status, rest }));
const withoutBody = fc
  .constantFrom('204 No Content', '304 Not Modified')
  .map((status) => ({ status, rest: '\r\n' }));
const interim = fc.constantFrom(
  '',
  '',
  '',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n',
);
const connectionLine = fc.constantFrom('', 'Connection: close\r\n', 'Connection: keep-alive\r\n');

/** A response as servers send them, well formed. */
export const response: fc.Arbitrary<Buffer> = fc
  .tuple(
    interim,
    fc.oneof({ weight: 5, arbitrary: withBody }, { weight: 1, arbitrary: withoutBody }),
    headerLines,
    connectionLine,
  )
  .map(([before, { status, rest }, headers, connection]) =>
    Buffer.from(`${before}HTTP/1.1 ${status}\r\n${headers}${connection}${rest}`, 'latin1'),
  );

/** One byte changed, inserted or taken away. */
export const damage: fc.Arbitrary<[string, number, number]> = fc.tuple(
  fc.constantFrom('change', 'insert', 'remove'),
  fc.nat(1000),
  fc.oneof(fc.constantFrom(0, 9, 10, 13, 32, 44, 48, 58, 59, 127, 255), fc.nat(255)),
);

export function damaged(
  bytes: Buffer,
  [kind, place, byte]: readonly [string, number, number],
): Buffer {
  const at = place % bytes.length;
  const middle = kind === 'remove' ? [] : [byte];
  const after = kind === 'insert' ? at : at + 1;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(middle), bytes.subarray(after)]);
}

/** Places at which to cut, for `cut`. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(500), { maxLength: 4 });

/** The bytes in pieces. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  const bounds = [0, ...sorted, bytes.length];
  return bounds.slice(1).map((to, index) => bytes.subarray(bounds[index]!, to));
}
