import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readMeta, readResult } from '../read/read-result.ts';
import { readIntervalRows } from '../read/interval-rows.ts';
import type { IntervalRow } from '../schema/interval-row.ts';
import type { Meta } from '../schema/meta.ts';
import type { Result } from '../schema/result.ts';
import type { ShardFacts } from '../schema/shard.ts';
import { TRIAL_FILES } from '../trial-files.ts';
import { cannotMerge } from './cannot-merge.ts';

/** One shard as its folder has it. */
export interface ReadShard {
  /** From 1. */
  readonly index: number;
  readonly facts: ShardFacts;
  /** Of its trial. */
  readonly folder: string;
  readonly meta: Meta;
  /** Rebuilt from its seconds where it was killed. */
  readonly result: Result;
  readonly rows: readonly IntervalRow[];
  readonly configText: string;
  readonly config: unknown;
}

/** Reads the shards in `folders` and sorts them by their index, whatever order they came in. */
export async function readShards(folders: readonly string[]): Promise<ReadShard[]> {
  const shards: ReadShard[] = [];
  for (const folder of folders) shards.push(await readShard(folder));
  return shards.toSorted((one, other) => one.index - other.index);
}

async function readShard(path: string): Promise<ReadShard> {
  const { trials } = await readResult(path);
  const [trial] = trials;
  if (trial === undefined || trials.length > 1) {
    throw cannotMerge(`${path} has ${trials.length} trials, and a shard has one`);
  }
  const { folder, result } = trial;
  if (result.shard === undefined) {
    throw cannotMerge(`${path} is the result of no shard: it was run without --shard`);
  }
  const configText = readFileSync(join(folder, TRIAL_FILES.effectiveConfig), 'utf8');
  return {
    index: result.shard.index,
    facts: result.shard,
    folder,
    meta: readMeta(folder),
    result,
    rows: [...readIntervalRows(join(folder, TRIAL_FILES.intervals))],
    configText,
    config: parse(configText),
  };
}
