import { endianness } from 'node:os';

/**
 * What the C library of Linux has and Node does not. Node's foreign functions are experimental:
 * whoever uses this has another way where they are gone, or the system is another one.
 */
export interface Libc {
  timerfd_create(clock: number, flags: number): number;
  timerfd_settime(fd: number, flags: number, value: bigint, old: bigint): number;
  sched_yield(): number;
  syscall(number: bigint, thread: bigint, pointer: bigint, a: bigint, b: bigint): bigint;
  /** Where memory of ours is for the C library. Whoever hands it over keeps `memory` alive. */
  addressOf(memory: ArrayBuffer): bigint;
}

/** Structures are laid out here for 64 bits with the low byte first. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64'];

/** Of this thread; undefined where there is none. */
export function libc(): Libc | undefined {
  known ??= { libc: load() };
  return known.libc;
}

let known: { readonly libc: Libc | undefined } | undefined;

function load(): Libc | undefined {
  const isFit = process.platform === 'linux' && ARCHITECTURES.includes(process.arch);
  if (!isFit || endianness() !== 'LE') return undefined;
  try {
    const ffi = withoutWarnings(() => process.getBuiltinModule('node:ffi'));
    const { functions } = ffi.dlopen(null, {
      timerfd_create: { arguments: ['i32', 'i32'], return: 'i32' },
      timerfd_settime: { arguments: ['i32', 'i32', 'pointer', 'pointer'], return: 'i32' },
      sched_yield: { arguments: [], return: 'i32' },
      syscall: { arguments: ['i64', 'i64', 'pointer', 'i64', 'i64'], return: 'i64' },
    });
    return { ...functions, addressOf: (memory) => ffi.getRawPointer(memory) };
  } catch {
    return undefined;
  }
}

/** That the module is experimental is said above, and is nothing that a user can act on. */
function withoutWarnings<Result>(load: () => Result): Result {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
