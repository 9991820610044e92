import type { Result } from '../../results/schema/result.ts';
import { printable } from './printable.ts';
import { formatDuration } from './quantities.ts';

/** `ABORTED after 12.0 s: error_rate < 5% failed (abortOnFail)` */
export function abortWords({ threshold, tags, atSecond }: NonNullable<Result['aborted']>): string {
  const pairs = Object.entries(tags).map(([tag, value]) => `${tag}:${value}`);
  const which = pairs.length === 0 ? threshold : `${threshold} [${pairs.join(', ')}]`;
  return printable(
    `ABORTED after ${formatDuration(atSecond * 1e9)}: ${which} failed (abortOnFail)`,
  );
}
