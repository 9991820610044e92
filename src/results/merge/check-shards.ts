import { isDeepStrictEqual } from 'node:util';
import { cannotMerge } from './cannot-merge.ts';
import type { ReadShard } from './read-shards.ts';

/** Refuses what are not the shards of one run; `shards` are sorted by their index. */
export function checkShards(shards: readonly ReadShard[]): void {
  const [first, ...others] = shards;
  if (first === undefined) throw cannotMerge('no folder was named');
  for (const [position, shard] of others.entries()) {
    const before = shards[position]!;
    if (before.index !== shard.index) continue;
    throw cannotMerge(`shard ${shard.index} is there twice, in ${before.folder} and ${shard.folder}`);
  }
  for (const other of others) {
    const different = difference(first, other);
    if (different === undefined) continue;
    throw cannotMerge(`${first.folder} and ${other.folder} differ in ${different}`);
  }
}

/** What two folders do not have in common, in words; undefined when they belong together. */
function difference(one: ReadShard, other: ReadShard): string | undefined {
  const aspects: readonly (readonly [string, (shard: ReadShard) => unknown])[] = [
    ['their scenario', ({ result }) => result.scenario],
    ['the number of shards', ({ facts }) => facts.count],
    ['their plan hash: they carry parts of different plans', ({ result }) => result.planHash],
    ['their seed', ({ result }) => result.seed],
    ['their scenario file or options', ({ config }) => withoutUrls(config)],
    ['what they measure', ({ meta }) => meta.series.length > 0 && meta.series],
  ];
  const found = aspects.find(([, of]) => {
    const [left, right] = [of(one), of(other)];
    // A shard that was killed in its first second had not said yet what it measures.
    return left !== false && right !== false && !isDeepStrictEqual(left, right);
  });
  return found?.[0];
}

/** Machines may know a server by different addresses. */
function withoutUrls(config: unknown): unknown {
  if (typeof config !== 'object' || config === null || !('targets' in config)) return config;
  const targets = Object.entries(config.targets as Record<string, object | null>);
  const bare = targets.map(([name, target]) => [name, { ...target, url: undefined }]);
  return { ...config, targets: Object.fromEntries(bare) as unknown };
}
