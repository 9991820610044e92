import type { Result } from '../../results/schema/result.ts';
import type { WorkerReport } from '../messages.ts';

/** Why operations failed, over all workers, the most frequent first. */
export function failureReasonsOf(reports: readonly WorkerReport[]): Result['failureReasons'] {
  const merged = new Map<string, Result['failureReasons'][number]>();
  for (const one of reports.flatMap(({ failureReasons }) => failureReasons)) {
    const key = `${one.target} ${one.reason}`;
    const count = (merged.get(key)?.count ?? 0) + one.count;
    merged.set(key, { ...one, count });
  }
  return [...merged.values()].toSorted((a, b) => b.count - a.count);
}
