import type { BaselineComparison } from '../../results/schema/baseline.ts';
import {
  figureName,
  figureWords,
  pointName,
  type BaselinePoint,
} from '../format/baseline-words.ts';
import { printable } from '../format/printable.ts';
import { padEnd } from '../format/width.ts';
import { wrap } from '../format/wrap.ts';
import type { Palette } from '../palette.ts';
import { labelled, REPORT_COLUMNS } from './section.ts';

const SIGNS = { held: '✓', regressed: '✗', undecided: '?' } as const;
const NAME_COLUMNS = 19;

/** How the run stands to an earlier one. */
export function baselineLines(
  comparison: BaselineComparison | undefined,
  palette: Palette,
): string[] {
  if (comparison === undefined) return [];
  const { baseline, points, notes, maxRegression } = comparison;
  const asked = `at most ${+(maxRegression * 100).toFixed(3)}% worse`;
  return [
    `${palette.strong('Against the baseline')}    ${asked}`,
    ...labelled('baseline', printable(`${baseline.folder} of ${baseline.startedAt ?? 'unknown'}`)),
    ...points.flatMap((point) => pointLines(point, palette)),
    ...notes.flatMap((note) => labelled('note', printable(note))),
  ];
}

function pointLines(point: BaselinePoint, palette: Palette): string[] {
  const styles = { held: palette.good, regressed: palette.bad, undecided: palette.warn };
  const name = pointName(point);
  const figures = point.figures.flatMap((figure) => {
    const text = `${padEnd(figureName(figure), NAME_COLUMNS)}${figureWords(figure)}`;
    const lines = wrap(printable(text), REPORT_COLUMNS - 6);
    return lines.map((line, index) =>
      index === 0 ? `  ${styles[figure.status](SIGNS[figure.status])} ${line}` : `      ${line}`,
    );
  });
  return [...(name === '' ? [] : labelled('point', printable(name))), ...figures];
}
