import type { Socket } from 'node:net';
import { listen, type Place } from '../null-http/listen.ts';
import { FrameSplitter, NotHttp2 } from './frame-splitter.ts';

export interface NullGrpcServer {
  readonly url: string;
  close(): Promise<void>;
}

const dataFrame = 0;
const headersFrame = 1;
const settingsFrame = 4;
const pingFrame = 6;
const ackFlag = 1;
const endStreamFlag = 1;
/** What a client may send before it is credited; both windows begin with 65,535 (RFC 9113). */
const creditBytes = 16_384;

/** A frame by hand. Streams are filled in where it is sent. */
function frame(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  return Buffer.concat([head, payload]);
}

/** `:status: 200` and `content-type: application/grpc`, as literals that nobody has to remember. */
const head = frame(
  headersFrame,
  4,
  Buffer.concat([Buffer.from('880f1010', 'hex'), Buffer.from('application/grpc')]),
);
/** A message without fields. */
const message = frame(dataFrame, 0, Buffer.alloc(5));
/** `grpc-status: 0`, which ends the stream. */
const trailers = frame(
  headersFrame,
  4 | endStreamFlag,
  Buffer.concat([
    Buffer.from('000b', 'hex'),
    Buffer.from('grpc-status'),
    Buffer.from('0130', 'hex'),
  ]),
);
const answer = Buffer.concat([head, message, trailers]);
const streamPlaces = [5, head.length + 5, head.length + message.length + 5];
const settings = frame(settingsFrame, 0, Buffer.alloc(0));
const settingsAck = frame(settingsFrame, ackFlag, Buffer.alloc(0));

/** Answers every call with an empty message and the status OK, as soon as its last byte is there. */
export async function startNullGrpc(place: Place): Promise<NullGrpcServer> {
  const { port, close } = await listen(place, serve);
  return { url: `grpc://${place.host}:${port}`, close };
}

function serve(socket: Socket): void {
  const splitter = new FrameSplitter();
  let uncredited = 0;
  socket.write(settings);
  socket.on('data', (chunk: Buffer) => {
    const parts: Buffer[] = [];
    try {
      splitter.push(chunk, ({ type, flags, streamId, payload }) => {
        if (type === settingsFrame && (flags & ackFlag) === 0) parts.push(settingsAck);
        if (type === pingFrame && (flags & ackFlag) === 0) {
          parts.push(frame(pingFrame, ackFlag, Buffer.from(payload)));
        }
        if (type === dataFrame) uncredited += payload.length;
        const carries = type === dataFrame || type === headersFrame;
        if (carries && (flags & endStreamFlag) !== 0) parts.push(answerOn(streamId));
        else if (type === dataFrame && payload.length > 0)
          parts.push(credit(streamId, payload.length));
      });
    } catch (error) {
      if (!(error instanceof NotHttp2)) throw error;
      socket.destroy();
      return;
    }
    if (uncredited >= creditBytes) {
      parts.push(credit(0, uncredited));
      uncredited = 0;
    }
    if (parts.length > 0) socket.write(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
  });
}

function answerOn(streamId: number): Buffer {
  const bytes = Buffer.from(answer);
  for (const place of streamPlaces) bytes.writeUInt32BE(streamId, place);
  return bytes;
}

function credit(streamId: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  const update = frame(8, 0, payload);
  update.writeUInt32BE(streamId, 5);
  return update;
}
