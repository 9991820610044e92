/** A header field as both tables hold it; the name is in lower case. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** RFC 7541, appendix A; the first has the index 1. */
const ROWS = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

export const STATIC_TABLE: readonly HeaderField[] = ROWS.split('\n').map((row) => {
  const [, name, value] = /^(\S+) ?(.*)$/.exec(row)!;
  return { name: name!, value: value! };
});

/** The first of the dynamic table. */
export const FIRST_DYNAMIC_INDEX: number = STATIC_TABLE.length + 1;

const indexes = new Map<string, number>();
STATIC_TABLE.forEach(({ name, value }, place) => {
  const index = place + 1;
  if (!indexes.has(name)) indexes.set(name, index);
  indexes.set(`${name}\n${value}`, index);
});

/** The index of a whole field; undefined where the table does not have it. */
export function staticIndexOf({ name, value }: HeaderField): number | undefined {
  return indexes.get(`${name}\n${value}`);
}

/** The first index of a field with that name. */
export function staticNameIndexOf(name: string): number | undefined {
  return indexes.get(name);
}
