import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options?: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;

/**
 * Frees what this thread's start left behind, now rather than in the middle of a measurement: a
 * full collection stops the thread for some 10 ms, and V8's helper threads take another 40 ms from
 * whoever shares their core.
 */
export function collectGarbage(): void {
  collector()();
}

/**
 * Frees what this thread has just let go of, in some tenths of a millisecond. Buffers count little
 * towards the young generation that holds their owners; a thread that makes many of them and
 * little else would otherwise come to a full collection before the young one is full.
 */
export function collectYoungGarbage(): void {
  collector()({ type: 'minor' });
}

function collector(): Collect {
  if (collect === undefined) {
    // A context made behind the flag is the only place where V8 hands out its `gc`.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect;
}
