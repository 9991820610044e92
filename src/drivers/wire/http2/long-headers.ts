import { FLAG, FRAME, FRAME_HEAD_BYTES } from './frames.ts';
import type { Http2Stream } from './http2-stream.ts';
import type { FrameWriter } from './send-pages.ts';

/**
 * Writes a header block that one frame does not hold (RFC 9113 section 6.10). `flags` are of its
 * HEADERS frame alone.
 */
export function writeLongHeaders(
  writer: FrameWriter,
  stream: Http2Stream,
  block: Buffer,
  { frameBytes, flags }: { readonly frameBytes: number; readonly flags: number },
): void {
  for (let at = 0; at < block.length; at += frameBytes) {
    const part = block.subarray(at, at + frameBytes);
    const ofBlock = at + part.length === block.length ? FLAG.END_HEADERS : 0;
    const type = at === 0 ? FRAME.HEADERS : FRAME.CONTINUATION;
    const all = at === 0 ? ofBlock | flags : ofBlock;
    writer.head({ type, flags: all, streamId: stream.id, length: part.length });
    writer.bytes(part);
    stream.bytesSent += FRAME_HEAD_BYTES + part.length;
  }
}
