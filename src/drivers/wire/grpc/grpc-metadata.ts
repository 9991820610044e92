import type { HeaderField } from '../http2/hpack/static-table.ts';
import { decodeStatusMessage } from './grpc-status.ts';

/** Names that a caller cannot use, since HTTP/2 and gRPC mean something by them. */
const RESERVED =
  /^(:|grpc-)|^(content-type|te|connection|host|keep-alive|transfer-encoding|upgrade|proxy-connection)$/;
/** gRPC over HTTP/2, "Header-Name". */
const NAME = /^[0-9a-z_.-]+$/;

/** Why this cannot be the name of metadata; undefined where it can. */
export function metadataNameProblem(name: string): string | undefined {
  if (!NAME.test(name)) return 'a name of a-z, 0-9, _, - and . only';
  return RESERVED.test(name) ? `${name} is set by the protocol itself` : undefined;
}

/** Values under such names are bytes: sent in base64, given here as text. */
export function isBinaryName(name: string): boolean {
  return name.endsWith('-bin');
}

/** A value as it stands in a header; texts of printable ASCII stand as they are. */
export function metadataValue(name: string, value: string): string {
  return isBinaryName(name) ? Buffer.from(value, 'utf8').toString('base64') : value;
}

/** Metadata of an answer by name; values of one name are joined by commas. */
export function metadataOf(fields: readonly HeaderField[]): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const { name, value } of fields) {
    if (name.startsWith(':')) continue;
    const before = metadata[name];
    metadata[name] = before === undefined ? value : `${before},${value}`;
  }
  return metadata;
}

/** The value of one field; undefined where there is none. */
export function fieldOf(fields: readonly HeaderField[], name: string): string | undefined {
  for (const field of fields) if (field.name === name) return field.value;
  return undefined;
}

export function statusMessageOf(fields: readonly HeaderField[]): string {
  return decodeStatusMessage(fieldOf(fields, 'grpc-message') ?? '');
}
