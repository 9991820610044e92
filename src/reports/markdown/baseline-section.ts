import type { BaselineComparison } from '../../results/schema/baseline.ts';
import { figureName, figureWords, pointName } from '../format/baseline-words.ts';
import { markdownTable, markdownText } from '../format/markdown-text.ts';

const SIGNS = { held: '✓ held', regressed: '✗ regressed', undecided: '? undecided' } as const;

/** How the run stands to an earlier one. */
export function baselineSection(comparison: BaselineComparison | undefined): string[] {
  if (comparison === undefined) return [];
  const { points, baseline, notes } = comparison;
  const rows = points.flatMap((point) =>
    point.figures.map((figure) => [
      SIGNS[figure.status],
      pointName(point) === '' ? 'all' : markdownText(pointName(point)),
      figureName(figure),
      figureWords(figure),
    ]),
  );
  const heading = ['result', 'point', 'figure', 'this run'];
  return [
    '### Against the baseline',
    '',
    ...markdownTable(heading, rows, { right: false }),
    '',
    `Baseline: ${markdownText(baseline.folder)}`,
    ...notes.flatMap((note) => ['', `- ${markdownText(note)}`]),
    '',
  ];
}
