import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { commonAnswers } from '../../measure/quality/answer-digests.ts';
import type { Result } from '../../results/schema/result.ts';
import { collectionUseOf, usesOfSame } from '../../scenario/collection-use.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';

/** From this mean on answers can be the same because none can be better. */
const SATURATED = 0.999;
/** Queries that both trials must have answered before sameness says something. */
const LEAST_QUERIES = 20;

export interface EndedTrial {
  readonly trial: ResolvedTrial;
  readonly result: Result | undefined;
}

type Digest = NonNullable<Result['answerDigests']>[number];

/** A trial by the value that a setting has in it, with how one score's queries were answered. */
interface SettingPoint {
  readonly trial: ResolvedTrial;
  readonly value: number;
  readonly digest: Digest;
}

/**
 * SETTING_WITHOUT_EFFECT, where trials that differ in how hard a search looks gave the same ids, in
 * the same order, to all queries at the lowest and at the highest setting, and these were not so
 * good that looking harder brings nothing.
 */
export function settingWithoutEffect(
  ended: readonly EndedTrial[],
  definitions: ReadonlyMap<string, DriverDefinition>,
): LoadgenError | undefined {
  for (const [setting, points] of settingPoints(ended, definitions)) {
    const sorted = points.toSorted((one, other) => one.value - other.value);
    const [low, high] = [sorted[0]!, sorted.at(-1)!];
    if (low.value === high.value) continue;
    if (Math.max(low.digest.mean, high.digest.mean) >= SATURATED) continue;
    const { common, same } = commonAnswers(low.digest.digests, high.digest.digests);
    if (common < LEAST_QUERIES || same < common) continue;
    const [step, name] = setting.split(' ');
    return new LoadgenError('SETTING_WITHOUT_EFFECT', {
      setting: name!,
      low: low.value,
      high: high.value,
      step: step!,
      queries: common,
      metric: low.digest.metric,
      mean: low.digest.mean.toFixed(4),
    });
  }
  return undefined;
}

/**
 * Trials that differ in one setting alone: by step, setting, score, and by the axes that do not
 * feed the setting.
 */
function settingPoints(
  ended: readonly EndedTrial[],
  definitions: ReadonlyMap<string, DriverDefinition>,
): ReadonlyMap<string, readonly SettingPoint[]> {
  const points = new Map<string, SettingPoint[]>();
  for (const { trial, result } of ended) {
    for (const digest of result?.answerDigests ?? []) {
      for (const [name, value] of effortOf(trial, digest, definitions)) {
        const others = Object.entries(trial.axes).filter(([, axis]) => axis !== value);
        const { step = '' } = digest.tags;
        const key = [step, name, digest.metric, JSON.stringify([digest.tags, others])].join(' ');
        points.set(key, [...(points.get(key) ?? []), { trial, value, digest }]);
      }
    }
  }
  return points;
}

/** Settings of the step that was scored: its own, else those of the collection it searches. */
function effortOf(
  trial: ResolvedTrial,
  { tags }: Digest,
  definitions: ReadonlyMap<string, DriverDefinition>,
): readonly (readonly [name: string, value: number])[] {
  const step = trial.flows
    .filter(({ name }) => tags['flow'] === undefined || name === tags['flow'])
    .flatMap(({ steps }) => steps)
    .find(({ name }) => name === tags['step']);
  if (step === undefined) return [];
  const made = usesOfSame(step, trial.prepare ?? [], definitions);
  const own = collectionUseOf(step, definitions)?.effort ?? {};
  const all = [...made.map(({ effort = {} }) => effort), own].flatMap((effort) =>
    Object.entries(effort).filter(([, value]) => value !== undefined),
  );
  return [...new Map(all)]
    .map(([name, value]) => [name, Number(value)] as const)
    .filter(([, value]) => Number.isFinite(value));
}
