import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { Result } from '../../results/schema/result.ts';
import { printable } from '../format/printable.ts';
import { formatCount } from '../format/quantities.ts';
import { cut, padEnd } from '../format/width.ts';
import type { Palette } from '../palette.ts';
import { serverLines } from '../server-metrics.ts';
import { labelled, REPORT_COLUMNS } from './section.ts';

const NAME_COLUMNS = 48;

/** What the servers showed of themselves while they were under load. */
export function servers(result: Result, source: MetricSource, palette: Palette): string[] {
  return serverLines(result, source).flatMap(({ target, looks, seen, more }) => {
    const names = seen.map(([name]) => cut(printable(name), NAME_COLUMNS));
    const columns = Math.max(0, ...names.map((name) => name.length));
    return [
      palette.strong(`Server ${printable(target)}`),
      ...labelled('looked at', printable(looks)),
      ...seen.map(([, words], at) =>
        cut(`  ${padEnd(names[at]!, columns)}  ${words}`, REPORT_COLUMNS),
      ),
      ...(more > 0
        ? [palette.dim(`  … and ${formatCount(more)} series more, in result.json`)]
        : []),
    ];
  });
}
