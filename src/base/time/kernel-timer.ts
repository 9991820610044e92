import { closeSync } from 'node:fs';
import { libc } from './libc.ts';

/** libuv's handle of a pipe, as JavaScript sees it: it polls and reads whatever it is opened on. */
interface PipeHandle {
  open(fd: number): number;
  /** It knows where the memory of the buffer is, and does not keep it. */
  useUserBuffer(buffer: Uint8Array): void;
  /** Kept for as long as the handle is. */
  ticks?: Uint8Array;
  onread: () => void;
  readStart(): number;
  unref(): void;
  close(): void;
}

interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly constants: { readonly SOCKET: number };
}

// timerfd_create(2): <time.h> and <sys/timerfd.h>.
const CLOCK_MONOTONIC = 1;
const TFD_TIMER_ABSTIME = 1;
const TFD_NONBLOCK = 0o4000;
const TFD_CLOEXEC = 0o2000000;
/** `struct itimerspec`: interval and value, seconds and nanoseconds of 64 bits each. */
const ITIMERSPEC_BYTES = 32;
/** What it reads is how often the timer went off, in 8 bytes; a full buffer would be read again. */
const TICKS_BYTES = 16;
const NULL = 0n;
const NS_PER_SECOND = 1e9;

/**
 * A timer of the kernel that ends the sleep of this thread's event loop to the nanosecond, where
 * timers of the loop itself are whole milliseconds: `timerfd`, polled like a socket. It does not keep
 * its thread alive.
 */
export class KernelTimer {
  readonly #fd: number;
  readonly #handle: PipeHandle;
  /** The words of `struct itimerspec`. */
  readonly #value = new ArrayBuffer(ITIMERSPEC_BYTES);
  readonly #words = new Uint32Array(this.#value);
  readonly #address: bigint;

  /** `ring` is called each time it goes off. Undefined where there is no such timer to be had. */
  static create(ring: () => void): KernelTimer | undefined {
    const fd = libc()?.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC) ?? -1;
    if (fd < 0) return undefined;
    const { binding } = process as unknown as { binding(name: string): PipeBinding };
    const { Pipe, constants } = binding('pipe_wrap');
    const handle = new Pipe(constants.SOCKET);
    if (handle.open(fd) === 0) return new KernelTimer(fd, handle, ring);
    closeSync(fd);
    return undefined;
  }

  private constructor(fd: number, handle: PipeHandle, ring: () => void) {
    this.#fd = fd;
    this.#handle = handle;
    this.#address = libc()!.addressOf(this.#value);
    handle.ticks = new Uint8Array(new ArrayBuffer(TICKS_BYTES));
    handle.useUserBuffer(handle.ticks);
    handle.onread = ring;
    handle.readStart();
    handle.unref();
  }

  /** Goes off once, at `atNs` of CLOCK_MONOTONIC or at once; a time that was set before is forgotten. */
  set(atNs: number): void {
    // A value of zero would stop it.
    this.#settime(Math.max(1, Math.ceil(atNs)));
  }

  stop(): void {
    this.#settime(0);
  }

  close(): void {
    this.#handle.close();
  }

  #settime(wholeNs: number): void {
    const seconds = Math.floor(wholeNs / NS_PER_SECOND);
    this.#words[4] = seconds;
    this.#words[6] = wholeNs - seconds * NS_PER_SECOND;
    libc()!.timerfd_settime(this.#fd, TFD_TIMER_ABSTIME, this.#address, NULL);
  }
}

/** Whether this process can have such timers, in any of its threads. */
export function hasKernelTimers(): boolean {
  const timer = KernelTimer.create(() => {});
  timer?.close();
  return timer !== undefined;
}
