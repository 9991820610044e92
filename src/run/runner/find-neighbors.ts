import { NS_PER_SECOND, type Clock } from '../../base/time/clock.ts';
import { openFeeder } from '../../data/feeder.ts';
import { needsPreparation } from '../../data/feeder-schema.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import type { RunObserver } from './observer.ts';

/** How often a long search is told of. */
const TOLD_EVERY_NS = 2 * NS_PER_SECOND;

/**
 * Makes what the feeders of a trial need and the cache does not have: exact neighbours, tables out
 * of columns. Once, here, so that the workers only read it. Throws as `openFeeder`.
 */
export async function findNeighbors(
  { data, seed, baseFolder, params }: ResolvedTrial,
  { observer, clock }: { readonly observer: RunObserver; readonly clock: Clock },
): Promise<void> {
  for (const [name, spec] of Object.entries(data)) {
    if (!needsPreparation(spec)) continue;
    let toldNs = clock.nowNs();
    await openFeeder(name, spec, {
      seed,
      baseFolder,
      params,
      data,
      progress: ({ rowsDone, rows }) => {
        if (clock.nowNs() - toldNs < TOLD_EVERY_NS) return;
        toldNs = clock.nowNs();
        const share = Math.floor((100 * rowsDone) / rows);
        observer.status(`Finding the exact neighbours of ${name}: ${share}% of ${rows} rows …`);
      },
    });
  }
}
