import { Metadata, status, type ServerUnaryCall } from '@grpc/grpc-js';
import type { GrpcConnections } from './grpc-connections.ts';

interface Answer {
  readonly outputs: readonly { readonly datatype: string }[];
  readonly raw_output_contents: readonly Buffer[];
}

/** What an answer may be wrong in, though the call itself is in order. Bytes go out as they are. */
const BROKEN_ANSWERS: Readonly<Record<string, (answer: Answer) => object>> = {
  'short-tensor': (answer) => withContents(answer, (bytes) => bytes.subarray(1)),
  'long-tensor': (answer) => withContents(answer, (bytes) => Buffer.concat([bytes, bytes])),
  'no-contents': (answer) => ({ ...answer, raw_output_contents: [] }),
  'no-outputs': (answer) => ({ ...answer, outputs: [], raw_output_contents: [] }),
  'no-datatype': (answer) => {
    return { ...answer, outputs: answer.outputs.map((output) => ({ ...output, datatype: '' })) };
  },
  'bad-message': () => Buffer.from('fffffffffffffffffffff0', 'hex'),
};

function withContents(answer: Answer, change: (bytes: Buffer) => Buffer): Answer {
  return { ...answer, raw_output_contents: answer.raw_output_contents.map(change) };
}

/** The answer as `fault` asks for it. */
export function brokenAnswer(fault: string, answer: Answer): object {
  return BROKEN_ANSWERS[fault]?.(answer) ?? answer;
}

/**
 * Does to a call over gRPC what `fault` asks for instead of an answer; false where it is none that
 * it knows. Throws a CodeAsked for a status.
 */
export function breakGrpc(
  fault: string,
  call: ServerUnaryCall<object, object>,
  { connections, allowDie }: { readonly connections: GrpcConnections; readonly allowDie: boolean },
): boolean {
  const [, code] = /^code:(\w+)$/.exec(fault) ?? [];
  if (code !== undefined) throw new CodeAsked(status[code as keyof typeof status]);
  const socket = connections.of(call.getPeer());
  switch (fault) {
    case 'silence':
      return true;
    case 'close':
      socket?.destroy();
      return true;
    case 'reset':
      socket?.resetAndDestroy();
      return true;
    case 'cut-off':
      call.sendMetadata(new Metadata());
      // The header fields are written at the end of this turn.
      setImmediate(() => socket?.destroy());
      return true;
    case 'die':
      if (allowDie) process.exit(0);
      return false;
    default:
      return false;
  }
}

export class CodeAsked extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`code ${code} was asked for`);
    this.code = code;
  }
}
