import { measuredSource } from '../measured-source.ts';
import { plainPalette, type Palette } from '../palette.ts';
import type { Report, ReportedTrial } from '../report.ts';
import { baselineLines } from './baseline.ts';
import { dialectsSection } from './dialects.ts';
import { delivered } from './delivered.ts';
import { ending } from './ending.ts';
import { errors } from './errors.ts';
import { headline } from './headline.ts';
import { latencies } from './latency.ts';
import { overview } from './overview.ts';
import { ownMetricsSection } from './own-metrics.ts';
import { ownPart } from './own-part.ts';
import { preparations } from './preparations.ts';
import { servers } from './servers.ts';
import { quality } from './quality.ts';
import { stages } from './stages.ts';
import { storage } from './storage.ts';
import { thresholds } from './thresholds.ts';

/** The summary that `loadgen run` prints, for people: a page of one trial, a table of several. */
export const textReport: Report = ({ trials, palette = plainPalette, baseline }) => {
  const compared = baselineLines(baseline, palette);
  const pages =
    trials.length > 1
      ? `${overview(trials, palette).join('\n')}\n`
      : trials.map((trial) => trialText(trial, palette)).join('');
  return { text: compared.length === 0 ? pages : `${pages}\n${compared.join('\n')}\n` };
};

function trialText({ result, folder }: ReportedTrial, palette: Palette): string {
  const source = measuredSource(result);
  const sections = [
    headline(result, palette),
    delivered(result, source, palette),
    latencies(result, source, palette),
    stages(result, palette),
    quality(result, source, palette),
    ownMetricsSection(source, palette),
    servers(result, source, palette),
    storage(result, palette),
    dialectsSection(source, palette),
    ownPart(result, source, palette),
    errors(result, source, palette),
    preparations(result.preparations ?? [], palette),
    thresholds(result.thresholds, palette),
    ending(result, folder, palette),
  ];
  const shown = sections.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
