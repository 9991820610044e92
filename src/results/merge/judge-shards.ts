import { shareOf } from '../../load/pacing/share.ts';
import type { MergedShard, ShardFacts } from '../schema/shard.ts';
import type { ReadShard } from './read-shards.ts';

/** Clocks that a time service keeps agree within a few milliseconds. */
const LATE_NS = 100_000_000;

/** How every shard of the run took part, the missing ones too. `unsentOf`: what it never came to. */
export function judgeShards(
  shards: readonly ReadShard[],
  unsentOf: (index: number) => number,
): MergedShard[] {
  const count = shards[0]!.facts.count;
  const starts = shards.flatMap((shard) => startMs(shard) ?? []);
  const asked = shards.flatMap(({ result }) => result.startAskedAt ?? []).map(Date.parse);
  const wantedMs = Math.min(...(asked.length > 0 ? asked : starts));
  return Array.from({ length: count }, (_, position): MergedShard => {
    const index = position + 1;
    const shard = shards.find((one) => one.index === index);
    const unsent = unsentOf(index);
    if (shard === undefined) {
      return {
        ...{ index, state: 'missing', runId: null, host: null },
        ...{ startedAt: null, lateNs: null, unsent },
      };
    }
    const atMs = startMs(shard);
    const lateNs = atMs === undefined ? null : Math.max(0, Math.round((atMs - wantedMs) * 1e6));
    return {
      index,
      state: stateOf(shard, lateNs),
      runId: shard.result.runId,
      host: shard.meta.machine.host,
      startedAt: atMs === undefined ? null : new Date(atMs).toISOString(),
      lateNs,
      unsent,
    };
  });
}

/** S: when its first phase began. */
function startMs({ result }: ReadShard): number | undefined {
  const started = result.phases.map(({ startedAt }) => Date.parse(startedAt));
  return started.length === 0 ? undefined : Math.min(...started);
}

function stateOf({ result }: ReadShard, lateNs: number | null): MergedShard['state'] {
  if (result.state !== 'complete') return result.state;
  return lateNs !== null && lateNs > LATE_NS ? 'late' : 'complete';
}

/** What a reader has to know of the shards that did not do their part; empty when all did. */
export function shardRemarks(
  judged: readonly MergedShard[],
  planned: ShardFacts['planned'],
): string[] {
  const count = judged.length;
  return judged
    .filter(({ state }) => state !== 'complete')
    .map(({ index, state, unsent, lateNs }) => {
      const share = { index: index - 1, count };
      const own = planned.reduce((sum, { arrivals }) => sum + shareOf(arrivals, share), 0);
      const left =
        planned.length === 0
          ? 'its load plans no number of arrivals'
          : `${unsent} of its ${own} planned arrivals were not sent`;
      const name = `shard ${index}/${count}`;
      if (state === 'late') return `${name} started ${Math.round(lateNs! / 1e6)} ms late`;
      return `${name} ${WORDS[state]}: ${left}`;
    });
}

const WORDS: Readonly<Record<string, string>> = {
  incomplete: 'did not come to its end',
  interrupted: 'was stopped by hand',
  missing: 'is missing',
};
