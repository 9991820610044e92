import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { emptyTally, readsAsNode, refusesAsNode } from './differential.ts';

it('reads a thousand generated responses as Node’s own client does', async () => {
  await fc.assert(readsAsNode(), { seed: 7, numRuns: 1000 });
});

it('accepts no damaged response that Node’s own client refuses, or reads it otherwise', async () => {
  const tally = emptyTally();
  await fc.assert(refusesAsNode(tally), { seed: 8, numRuns: 1000 });
  const { acceptedByBoth, refusedByBoth, looser, stricter } = tally;
  assert.ok(refusedByBoth > 300 && acceptedByBoth > 200 && looser < 30, JSON.stringify(tally));
  assert.ok(stricter.size >= 2, JSON.stringify([...stricter]));
});
