import type { Load } from '../../load/executors/load-schema.ts';
import { modelOf } from '../../load/executors/registry.ts';
import type { Share } from '../../load/pacing/share.ts';

/**
 * The service time that is assumed where nothing is known: with it an open load is expected to
 * have peak rate × 50 ms operations in flight. More sessions open when they are needed, and the
 * wait for them is recorded as slot_wait{wait:connect}.
 */
const EXPECTED_SERVICE_SECONDS = 0.05;

/** Sessions to open before the load starts: all of a closed load, the expected ones of an open. */
export function sessionsAhead(load: Load, slotCount: number, share: Share): number {
  const models = [modelOf(load), ...(load.warmup ? [modelOf(load.warmup.load)] : [])];
  const expected = models.map((model) =>
    model.kind === 'closed'
      ? slotCount
      : Math.ceil((model.curve.peakPerSecond * EXPECTED_SERVICE_SECONDS) / share.count),
  );
  return Math.min(slotCount, Math.max(1, ...expected));
}
