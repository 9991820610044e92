import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';

/** Compressions that every gRPC implementation knows. */
export const MESSAGE_ENCODINGS = ['identity', 'gzip', 'deflate'] as const;
export type MessageEncoding = (typeof MESSAGE_ENCODINGS)[number];

/** What we say that we accept. */
export const ACCEPTED_ENCODINGS: string = MESSAGE_ENCODINGS.join(',');

export function compressMessage(message: Buffer, encoding: MessageEncoding): Buffer {
  if (encoding === 'gzip') return gzipSync(message);
  return encoding === 'deflate' ? deflateSync(message) : message;
}

/** Undefined where it is not what it says to be, or larger than `limitBytes`. */
export function decompressMessage(
  message: Buffer,
  encoding: string,
  limitBytes: number,
): Buffer | undefined {
  const options = { maxOutputLength: limitBytes };
  try {
    if (encoding === 'gzip') return gunzipSync(message, options);
    return encoding === 'deflate' ? inflateSync(message, options) : undefined;
  } catch {
    return undefined;
  }
}
