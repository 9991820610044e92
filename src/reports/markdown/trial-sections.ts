import { FAILED_OUTCOMES } from '../../measure/metrics/outcome.ts';
import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import type { MetricSource, RankedLatency } from '../../measure/metrics/metric-source.ts';
import type { Result } from '../../results/schema/result.ts';
import { loadWords } from '../format/load-words.ts';
import { markdownTable, markdownText } from '../format/markdown-text.ts';
import {
  formatCount,
  formatCountOf,
  formatDuration,
  formatRate,
  formatShare,
} from '../format/quantities.ts';
import { metricValue } from '../format/metric-value.ts';
import { rankedWords } from '../format/ranked-words.ts';
import { observedWords, thresholdName } from '../format/threshold-words.ts';
import { counterWords, ownCounters, ownHistograms } from '../own-metrics.ts';
import { reportedDialects } from '../dialects.ts';
import { measuredSource } from '../measured-source.ts';
import { qualityRemarks, qualityRows } from '../quality.ts';
import { serverLines } from '../server-metrics.ts';
import { storageLines } from '../storage.ts';
import { percentName, PERCENTS_SHOWN } from '../percents.ts';
import type { ReportedTrial } from '../report.ts';

const STEPS_SHOWN = 20;
const REASONS_SHOWN = 10;
const SIGNS = { passed: '✓', failed: '✗', undecided: '?' } as const;

/** One trial: what was asked and delivered, thresholds, latencies, errors, remarks. */
export function trialSections({ result }: ReportedTrial): string[] {
  const source = measuredSource(result);
  const sections = [
    facts(result),
    thresholds(result),
    latencies(source),
    quality(result, source),
    ownMetricsSection(source),
    servers(result, source),
    storage(result),
    dialects(source),
    errors(result),
    remarks(result),
  ];
  return sections.flatMap((lines) => (lines.length === 0 ? [] : [...lines, '']));
}

function facts(result: Result): string[] {
  const { due, started, attempted, unsent } = result.accounts.measure;
  const never = Object.values(unsent).reduce((sum, count) => sum + count, 0);
  const rows = [
    ...result.flows.map((flow) => ['load', markdownText(loadWords(flow))]),
    ...result.targets.map(({ name, url }) => ['target', markdownText(`${name} ${url}`)]),
    ['measured', formatDuration(result.durationSeconds * 1e9)],
    [
      'iterations',
      `${formatCount(due)} due, ${formatCount(started)} started, ${formatCount(never)} unsent`,
    ],
    ['operations', `${formatCount(attempted)} attempted, ${failedWords(result)}`],
    ['throughput', formatRate(result.throughput.operationsPerSecond)],
    ['verdict', markdownText([result.verdict.state, ...result.verdict.reasons].join(': '))],
  ];
  return markdownTable(['', ''], rows, { right: false });
}

function failedWords({ accounts: { measure } }: Result): string {
  const failed = FAILED_OUTCOMES.reduce((sum, name) => sum + (measure.operations[name] ?? 0), 0);
  if (failed === 0) return 'none failed';
  return `${formatCount(failed)} failed (${formatShare(failed / measure.attempted)})`;
}

function thresholds(result: Result): string[] {
  if (result.thresholds.length === 0) return [];
  const rows = result.thresholds.map((each) => [
    `${SIGNS[each.status]} ${each.status}`,
    markdownText(thresholdName(each)),
    markdownText(observedWords(each)),
  ]);
  const heading = ['result', 'threshold', 'measured'];
  return ['### Thresholds', '', ...markdownTable(heading, rows, { right: false })];
}

function latencies(source: MetricSource): string[] {
  const steps = source.tagValues('response_time', 'step');
  const shown = steps.length > 1 ? steps.slice(0, STEPS_SHOWN) : [];
  const own = ownHistograms(source).filter(({ unit }) => unit === 'ns');
  const rows = [
    ...['response_time', 'service_time', 'call_time'].flatMap((metric) => [
      latencyRow(metric, source.ranked(metric)),
      ...shown.map((step) => {
        return latencyRow(`${metric} ${markdownText(step)}`, source.ranked(metric, { step }));
      }),
    ]),
    ...own.map(({ name }) => latencyRow(name, source.ranked(name))),
  ];
  const measured = rows.filter((row) => row !== undefined);
  if (measured.length === 0) return [];
  const more = steps.length - STEPS_SHOWN;
  return [
    '### Latency',
    '',
    ...markdownTable(['', ...PERCENTS_SHOWN.map(percentName), 'max answered'], measured),
    ...(more > 0 ? ['', `… and ${formatCountOf(more, 'step')} more`] : []),
  ];
}

/** How good the answers were, where they were scored. */
function quality(result: Result, source: MetricSource): string[] {
  const rows = qualityRows(source).map(({ label, mean, median, badPercentile, worst, scored }) => {
    return [markdownText(label), mean, median, badPercentile, worst, scored];
  });
  const remarks = qualityRemarks(result, source).map((line) => `- ${markdownText(line)}`);
  if (rows.length === 0) return remarks;
  const table = markdownTable(['', 'mean', 'p50', 'bad end', 'worst', 'scored'], rows);
  return ['### Quality', '', ...table, ...(remarks.length === 0 ? [] : ['', ...remarks])];
}

/** What drivers and scenarios measure that is no time. */
function ownMetricsSection(source: MetricSource): string[] {
  const rows = ownHistograms(source)
    .filter(({ unit }) => unit !== 'ns' && unit !== 'ratio')
    .map(({ name, unit }) => latencyRow(name, source.ranked(name), unit)!);
  const counters = ownCounters(source).map((each) => [each.name, counterWords(source, each)]);
  return [
    ...(rows.length === 0
      ? []
      : [
          '### Counts and sizes',
          '',
          ...markdownTable(['', ...PERCENTS_SHOWN.map(percentName), 'max'], rows),
        ]),
    ...(rows.length > 0 && counters.length > 0 ? [''] : []),
    ...(counters.length === 0
      ? []
      : ['### Counts', '', ...markdownTable(['', ''], counters, { right: false })]),
  ];
}

/** The same answers by the definitions of other tools. */
function dialects(source: MetricSource): string[] {
  const rows = reportedDialects(source).flatMap(({ title, figures }) =>
    figures.map(({ word, values }) => [
      markdownText(`${title}: ${word}`),
      ...[values.mean, ...[50, 90, 99].map((percent) => values.percentile(percent))].map((value) =>
        formatDuration(value),
      ),
    ]),
  );
  if (rows.length === 0) return [];
  const heading = ['', 'mean', 'p50', 'p90', 'p99'];
  return ['### By the definitions of other tools', '', ...markdownTable(heading, rows)];
}

function latencyRow(
  label: string,
  ranked: RankedLatency,
  unit: MetricDeclaration['unit'] = 'ns',
): string[] | undefined {
  if (ranked.total === 0) return undefined;
  const { count, max } = ranked.answered;
  return [
    label,
    ...PERCENTS_SHOWN.map((percent) => rankedWords(ranked.percentile(percent), unit)),
    count === 0 ? 'n/a' : metricValue(max, unit),
  ];
}

/** What the servers showed of themselves. */
function servers(result: Result, source: MetricSource): string[] {
  return serverLines(result, source).flatMap(({ target, looks, seen, more }) => [
    `### Server ${markdownText(target)}`,
    '',
    ...markdownTable(
      ['', ''],
      [
        ['looked at', markdownText(looks)],
        ...seen.map(([name, words]) => [markdownText(name), words]),
        ...(more > 0 ? [['…', `${formatCount(more)} series more in result.json`]] : []),
      ],
      { right: false },
    ),
  ]);
}

/** What rows took of the servers that hold them. */
function storage(result: Result): string[] {
  return storageLines(result).flatMap(({ target, lines }) => {
    const rows = lines.map(([label, words]) => [label, markdownText(words)]);
    const table = markdownTable(['', ''], rows, { right: false });
    return [`### Storage of ${markdownText(target)}`, '', ...table];
  });
}

function errors(result: Result): string[] {
  const { operations } = result.accounts.measure;
  const outcomes = [...FAILED_OUTCOMES, 'interrupted', 'cancelled']
    .filter((outcome) => (operations[outcome] ?? 0) > 0)
    .map((outcome) => [formatCount(operations[outcome]!), outcome]);
  if (outcomes.length === 0) return [];
  const reasons = result.failureReasons
    .toSorted((one, other) => other.count - one.count)
    .map(({ target, reason, count }) => [formatCount(count), markdownText(`${target}: ${reason}`)]);
  const rows = [...outcomes, ...reasons.slice(0, REASONS_SHOWN)];
  return [
    '### Errors',
    '',
    ...markdownTable(['operations', 'outcome or reason'], rows, { right: false }),
  ];
}

function remarks({ notes }: Result): string[] {
  return notes.map((note) => `- ${markdownText(note)}`);
}
