/** Compressed flag and length before each message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const MESSAGE_HEAD_BYTES = 5;

/** Writes the head of a message into the first bytes of `into`. */
export function writeMessageHead(into: Buffer, messageBytes: number, isCompressed = false): void {
  into[0] = isCompressed ? 1 : 0;
  into.writeUInt32BE(messageBytes, 1);
}

/** A message with its head, ready to be sent. */
export function framedMessage(message: Uint8Array, isCompressed = false): Buffer {
  const framed = Buffer.allocUnsafe(MESSAGE_HEAD_BYTES + message.length);
  writeMessageHead(framed, message.length, isCompressed);
  framed.set(message, MESSAGE_HEAD_BYTES);
  return framed;
}
