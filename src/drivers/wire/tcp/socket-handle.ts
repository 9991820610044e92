import type { Socket } from 'node:net';

/** What Node's own `net.Socket` writes to and reads from: libuv's handle, as JavaScript sees it. */
interface StreamHandle {
  onread: (arrayBuffer: unknown) => void;
  readonly writeQueueSize: number;
  /** 0, or a negative error number; `request` is taken only where the kernel did not take all. */
  writeLatin1String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

interface WriteRequest {
  /** Keeps the bytes of a write that is under way from the garbage collector. */
  payload?: string | Uint8Array;
  oncomplete: (status: number) => void;
}

interface StreamBinding {
  /** Undefined where this Node does not tell. */
  readonly WriteWrap: (new () => WriteRequest) | undefined;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

const { WriteWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = streamBinding();

/**
 * The short way to a connected socket. `net.Socket` gives every write two objects, a tick of its
 * own and the bookkeeping of a stream, which together cost more than all that this driver does
 * for a request (docs/decisions/0004-hot-path.md has the figures). The handle below it takes a
 * string and tells at once whether the kernel took it whole, which for a request it nearly always
 * does. Where this Node does not have the handle as expected, writes and reads go through the
 * socket.
 */
export class SocketHandle {
  readonly #handle: StreamHandle;
  readonly #onFailure: (errorNumber: number) => void;
  #request: WriteRequest;
  /** The kernel did not take all of the last write at once. */
  #isWriting = false;

  /** Undefined where the socket has no such handle. */
  static of(
    socket: Socket,
    onRead: (byteCount: number) => void,
    onFailure: (errorNumber: number) => void,
  ): SocketHandle | undefined {
    const handle = (socket as { _handle?: Partial<StreamHandle> | null })._handle;
    if (WriteWrap === undefined || typeof handle?.writeLatin1String !== 'function')
      return undefined;
    return new SocketHandle(handle as StreamHandle, onRead, onFailure);
  }

  private constructor(
    handle: StreamHandle,
    onRead: (byteCount: number) => void,
    onFailure: (errorNumber: number) => void,
  ) {
    this.#handle = handle;
    this.#onFailure = onFailure;
    this.#request = this.#nextRequest();
    const onSocketRead = handle.onread;
    handle.onread = function (arrayBuffer) {
      const byteCount = streamBaseState[kReadBytesOrError]!;
      if (byteCount > 0) onRead(byteCount);
      else onSocketRead.call(this, arrayBuffer);
    };
  }

  /** Bytes handed to `write` that the kernel has not taken. */
  get unsentBytes(): number {
    return this.#isWriting ? this.#handle.writeQueueSize : 0;
  }

  /** `whenWritten` is called once the kernel has taken all of it, or it failed. */
  write(payload: string | Uint8Array, whenWritten?: () => void): void {
    const errorNumber =
      typeof payload === 'string'
        ? this.#handle.writeLatin1String(this.#request, payload)
        : this.#handle.writeBuffer(this.#request, payload);
    this.#isWriting = streamBaseState[kLastWriteWasAsync] !== 0;
    if (errorNumber === 0 && this.#isWriting) {
      this.#goesOn(payload, whenWritten);
      return;
    }
    if (errorNumber !== 0) this.#onFailure(errorNumber);
    whenWritten?.();
  }

  /** The request belongs to this write now. */
  #goesOn(payload: string | Uint8Array, whenWritten: (() => void) | undefined): void {
    const request = this.#request;
    request.payload = payload;
    if (whenWritten !== undefined) {
      request.oncomplete = (status) => {
        if (status < 0) this.#onFailure(status);
        whenWritten();
      };
    }
    this.#request = this.#nextRequest();
  }

  /** One request serves all writes that the kernel takes whole. */
  #nextRequest(): WriteRequest {
    const request = new WriteWrap!();
    request.oncomplete = (status) => {
      if (status < 0) this.#onFailure(status);
    };
    return request;
  }
}

function streamBinding(): StreamBinding {
  try {
    const { binding } = process as unknown as { binding(name: string): StreamBinding };
    return binding('stream_wrap');
  } catch {
    const streamBaseState = new Int32Array(0);
    return { WriteWrap: undefined, streamBaseState, kReadBytesOrError: 0, kLastWriteWasAsync: 0 };
  }
}
