import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { Scope, Template } from '../../../base/expressions/template.ts';
import type { VerbUse } from '../../driver.ts';
import { PreparedFields } from '../../wire/http2/hpack/header-encoder.ts';
import { literalField, literalName, literalString } from '../../wire/http2/hpack/header-literal.ts';
import { staticNameIndexOf, type HeaderField } from '../../wire/http2/hpack/static-table.ts';
import { headFields, type HeadFields, type HeadParts } from '../../vocabulary/http/http-head.ts';
import { signedFields } from '../../vocabulary/http/signed-head.ts';

/** The fields of one request, in the parts in which they are sent. */
export interface Http2Fields {
  readonly leading: string;
  readonly fields: PreparedFields;
  readonly literals: string;
}

export interface Http2Head {
  /** The same for every row. */
  readonly isConstant: boolean;
  /** `body` is what follows, where it is a text: a signature may cover it. */
  render(scope: Scope, body?: string): Http2Fields;
}

/** RFC 9113 section 8.2.2: they are of a connection, and no request may say them. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set([
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const LENGTH_NAME = literalName('content-length', {
  nameIndex: staticNameIndexOf('content-length'),
});

/** A content-length that only the row decides about. */
export function lengthLiteral(bytes: number): string {
  return LENGTH_NAME + literalString(String(bytes));
}

/** `contentLength` where it is the same for every row. */
export function http2Head(use: VerbUse, parts: HeadParts, contentLength?: number): Http2Head {
  const { target, method } = parts;
  const { signer, url, nowMs } = target;
  const head = headFields(use, parts);
  checkNames(head, target.name);
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const fixed = [
    { name: ':method', value: method },
    { name: ':scheme', value: scheme },
  ];
  const last = contentLength === undefined ? [] : [lengthField(contentLength)];
  if (signer === undefined) return templateHead(head, fixed, last);
  const sign = signedFields(head, signer, nowMs);
  const fields = new PreparedFields([...fixed, ...last]);
  return {
    isConstant: false,
    render(scope, body): Http2Fields {
      const { requestTarget, headers } = sign(scope, body);
      const all = namedFields<string>(requestTarget, headers);
      const texts = (isPseudo: boolean): string =>
        all
          .filter((field) => isPseudoField(field) === isPseudo)
          .map(literalOf)
          .join('');
      return { leading: texts(true), fields, literals: texts(false) };
    },
  };
}

/** A field as a literal that nobody remembers. */
export function literalOf(field: HeaderField): string {
  return literalField(field, { nameIndex: staticNameIndexOf(field.name) });
}

export function isPseudoField({ name }: { readonly name: string }): boolean {
  return name.startsWith(':');
}

/** Pseudo-fields stand before all others (RFC 9113 section 8.3). */
function templateHead(
  { requestTarget, headers }: HeadFields,
  fixed: readonly HeaderField[],
  last: readonly HeaderField[],
): Http2Head {
  const all = namedFields<Template>(requestTarget, headers);
  const constant = all.flatMap(({ name, value }) =>
    value.constant === undefined ? [] : [{ name, value: value.constant }],
  );
  const fields = new PreparedFields([
    ...fixed,
    ...constant.filter((field) => isPseudoField(field)),
    ...constant.filter((field) => !isPseudoField(field)),
    ...last,
  ]);
  const changing = all.filter(({ value }) => value.constant === undefined);
  const leading = literalTexts(changing.filter((field) => isPseudoField(field)));
  const literals = literalTexts(changing.filter((field) => !isPseudoField(field)));
  return {
    isConstant: changing.length === 0,
    render: (scope) => ({ leading: leading(scope), fields, literals: literals(scope) }),
  };
}

interface NamedField<Value> {
  readonly name: string;
  readonly value: Value;
}

/** By the names that HTTP/2 has for them. */
function namedFields<Value>(
  requestTarget: Value,
  headers: readonly (readonly [name: string, value: Value])[],
): NamedField<Value>[] {
  const named = headers
    .map(([name, value]) => ({ name: name.toLowerCase(), value }))
    // A connection of its own is what each request gets, without being told.
    .filter(({ name }) => name !== 'connection')
    .map(({ name, value }) => ({ name: name === 'host' ? ':authority' : name, value }));
  return [{ name: ':path', value: requestTarget }, ...named];
}

/** What of each literal comes before its value is made once. */
function literalTexts(fields: readonly NamedField<Template>[]): (scope: Scope) => string {
  const parts = fields.map(({ name, value }) => ({
    head: literalName(name, { nameIndex: staticNameIndexOf(name) }),
    value,
  }));
  if (parts.length === 0) return () => '';
  const [{ head, value }] = parts as [(typeof parts)[0]];
  if (parts.length === 1) return (scope) => head + literalString(value.render(scope));
  return (scope) => {
    let text = '';
    for (const part of parts) text += part.head + literalString(part.value.render(scope));
    return text;
  };
}

function lengthField(bytes: number): HeaderField {
  return { name: 'content-length', value: String(bytes) };
}

function checkNames({ headers }: HeadFields, target: string): void {
  for (const [name, value] of headers) {
    const lowerCase = name.toLowerCase();
    const isOther = lowerCase === 'te' && value.constant !== 'trailers';
    if (!isOther && !OF_CONNECTIONS.has(lowerCase)) continue;
    const reason = `the header ${name} has no place in HTTP/2`;
    throw new LoadgenError('TARGET_NOT_USABLE', { target, reason });
  }
}
