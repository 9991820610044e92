import type {
  Audit,
  AuditCheck,
  AuditComparison,
  AuditDistribution,
} from '../../results/schema/audit.ts';
import { formatCount, formatDuration } from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import { alignedTable, type Cell } from '../format/table.ts';
import { wrap } from '../format/wrap.ts';
import { plainPalette, type Palette } from '../palette.ts';
import { labelled, REPORT_COLUMNS } from '../text/section.ts';

export interface AuditTextOptions {
  /** Where its files are; empty to leave it out. */
  readonly folder: string;
  readonly palette?: Palette;
  readonly exitCode?: number;
}

/** The audit for a terminal: verdict first, then what was compared, then each check. */
export function auditText(audit: Audit, options: AuditTextOptions): string {
  const { palette = plainPalette } = options;
  const sections = [
    [palette.strong(printable(`Audit of ${audit.scenario}`)), ...verdict(audit, palette)],
    setting(audit),
    ...(audit.plan === null ? [] : [plan(audit.plan, palette)]),
    ...audit.comparisons.map((each) => comparison(each, palette)),
    outcomes(audit, palette),
    ['Checks', ...audit.checks.flatMap((check) => checkLines(check, palette))],
    ending(options, palette),
  ];
  const shown = sections.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function verdict(audit: Audit, palette: Palette): string[] {
  const words = auditVerdict(audit);
  return wrap(words, REPORT_COLUMNS).map(audit.holds ? palette.good : palette.bad);
}

/** One sentence. */
export function auditVerdict({ holds, checks, requests }: Audit): string {
  if (holds) {
    return `What loadgen says of ${formatCount(requests.sent)} requests is what the server's own log says, within the limits below.`;
  }
  const failed = checks.filter((check) => !check.holds);
  const names = failed.map(({ name }) => name).join('; ');
  if (failed.some(({ kind }) => kind === 'record')) {
    return `loadgen and the server's log disagree. Not so: ${names}.`;
  }
  return `The records of ${formatCount(requests.sent)} requests agree with the server's own log; timing is not within its limits. Not so: ${names}.`;
}

/** Who had to share the machine. */
export function machineWords({ machine }: Audit): string {
  const { cpu, cores, loadAverage } = machine;
  const crowd = loadAverage > cores ? ': too few for what ran on it' : '';
  return `${cpu}, ${cores} cores that server and generator share; load average ${loadAverage.toFixed(1)}${crowd}`;
}

function setting(audit: Audit): string[] {
  return [
    ...labelled('load', printable(audit.load)),
    ...labelled('server', printable(`${audit.server.recipe} ${audit.server.options.join(' ')}`)),
    ...labelled('machine', printable(machineWords(audit))),
    ...audit.changes.flatMap((change) => labelled('changed', printable(change))),
  ];
}

function plan({ arrivalLag, ownLag }: NonNullable<Audit['plan']>, palette: Palette): string[] {
  return table(palette, 'Arrivals against plan', [
    ['arrival at the server − planned start', arrivalLag],
    ['  without waiting for a free place', ownLag],
  ]);
}

const SERVER_SIDE = {
  service_time: 'residence, by the server’s stamps',
  response_time: 'departure − planned start',
} as const;

function comparison(each: AuditComparison, palette: Palette): string[] {
  const { metric, loadgen, server, difference, distance } = each;
  const largest = `  largest distance of the two distributions: ${formatDuration(distance.ns)}, at p${percentText(distance.atPercent)}`;
  return [
    ...table(palette, metric, [
      ['loadgen says', loadgen],
      [SERVER_SIDE[metric], server],
      ['difference, request by request', difference],
      ...waysOf(each),
    ]),
    palette.dim(largest),
  ];
}

/** What the difference is made of. */
export function waysOf({ ways }: AuditComparison): [string, AuditDistribution][] {
  if (ways === null) return [];
  return [
    ['of it, sent → read by the server', ways.there],
    ['of it, left the server → stamped here', ways.back],
  ];
}

export function percentText(percent: number): string {
  return percent > 99 && percent < 100 ? percent.toFixed(2) : percent.toFixed(0);
}

function table(
  palette: Palette,
  title: string,
  rows: readonly (readonly [string, AuditDistribution])[],
): string[] {
  const head: Cell[] = [
    { text: title, style: palette.strong },
    ...['count', 'min', 'p50', 'p90', 'p99', 'max'].map((text) => ({ text, style: palette.dim })),
  ];
  return alignedTable([
    head,
    ...rows.map(([label, each]) => [{ text: `  ${label}` }, ...cells(each)]),
  ]);
}

function cells({ count, ...times }: AuditDistribution): Cell[] {
  const shown = [times.minNs, times.p50Ns, times.p90Ns, times.p99Ns, times.maxNs];
  return [
    { text: formatCount(count) },
    ...shown.map((ns) => ({ text: count === 0 ? 'n/a' : formatDuration(ns) })),
  ];
}

function outcomes({ outcomes: rows }: Audit, palette: Palette): string[] {
  const head = ['Outcomes', 'requests', 'seen by loadgen as'];
  return alignedTable([
    head.map((text, index) => ({ text, style: index === 0 ? palette.strong : palette.dim })),
    ...rows.map(({ status, outcome, count, agrees }) => [
      { text: `  ${statusWords(status)}` },
      { text: formatCount(count) },
      { text: outcome, style: agrees ? palette.good : palette.bad },
    ]),
  ]);
}

/** What the server's log says of the answer. */
export function statusWords(status: number): string {
  return status === 0 ? 'server sent no answer' : `server answered ${status}`;
}

function checkLines({ name, limit, observed, holds }: AuditCheck, palette: Palette): string[] {
  const sign = holds ? palette.good('✓') : palette.bad('✗');
  return [
    `  ${sign} ${printable(name)}`,
    ...wrap(printable(observed), REPORT_COLUMNS - 6).map((line) => `      ${line}`),
    ...wrap(`limit: ${printable(limit)}`, REPORT_COLUMNS - 6).map((line) =>
      palette.dim(`      ${line}`),
    ),
  ];
}

function ending({ folder, exitCode = 0 }: AuditTextOptions, palette: Palette): string[] {
  if (folder === '') return [];
  return [
    ...(exitCode === 0 ? [] : labelled('exit code', String(exitCode), palette.bad)),
    ...labelled('page', printable(`${folder}/audit.html`)),
    ...labelled('figures', printable(`${folder}/audit.json`)),
  ];
}
