import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cut, cuts, damage, damaged, response } from './generated-responses.ts';
import { readByNode } from './read-by-node.ts';
import { readPieces, type Reading } from './responses.ts';

/** What became of the damaged responses. */
export interface Tally {
  acceptedByBoth: number;
  refusedByBoth: number;
  /** Accepted by us where Node refuses. */
  looser: number;
  /** Refused by us where Node accepts, by reason. */
  readonly stricter: Map<string, number>;
}

export function emptyTally(): Tally {
  return { acceptedByBoth: 0, refusedByBoth: 0, looser: 0, stricter: new Map() };
}

/**
 * Where we are stricter than Node on purpose: what allows two readings (RFC 9112, 6.1: a transfer
 * coding in HTTP/1.0 is faulty framing), or is no HTTP/1.1.
 */
const STRICTER: readonly string[] = [
  'bad status line',
  'transfer-encoding other than chunked',
  'transfer-encoding in HTTP/1.0',
];

/** Well-formed responses, cut anywhere, read as Node's own client reads them. */
export function readsAsNode(): fc.IAsyncProperty<[Buffer, number[]]> {
  return fc.asyncProperty(response, cuts, async (bytes, places) => {
    const ours = readPieces(cut(bytes, places), { thenEnds: true });
    assert.equal(ours.kind, 'complete');
    assert.deepEqual(comparable(ours), comparable(await readByNode(bytes, 'GET')));
  });
}

/** Damaged responses, cut anywhere: none is accepted that Node refuses, or read otherwise. */
export function refusesAsNode(
  tally: Tally,
): fc.IAsyncProperty<[Buffer, [string, number, number], number[]]> {
  return fc.asyncProperty(response, damage, cuts, async (bytes, how, places) => {
    const broken = damaged(bytes, how);
    const ours = readPieces(cut(broken, places), { thenEnds: true });
    const theirs = await readByNode(broken, 'GET');
    // Extensions frame nothing: their own grammar is not checked.
    const isLooser = theirs.kind === 'failed' && theirs.reason.includes('chunk extension');
    if (isLooser) tally.looser++;
    else if (ours.kind === 'complete' && ours.surplus === 0) {
      assert.deepEqual(comparable(ours), comparable(theirs));
      tally.acceptedByBoth++;
    } else if (theirs.kind !== 'complete') tally.refusedByBoth++;
    else if (ours.kind === 'failed') {
      assert.ok(STRICTER.includes(ours.reason), `refused for ${ours.reason}, and Node takes it`);
      tally.stricter.set(ours.reason, (tally.stricter.get(ours.reason) ?? 0) + 1);
    } else assert.equal(ours.kind, 'complete', 'cut off, and Node had all of it');
  });
}

/** Only what both sides tell. */
function comparable(reading: Reading): unknown {
  if (reading.kind !== 'complete') return reading.kind;
  const { status, headers, body } = reading;
  return { status, headers, body };
}
