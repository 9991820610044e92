import type { Audit, AuditComparison, AuditDistribution } from '../../results/schema/audit.ts';
import { formatCount, formatDuration } from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import { auditVerdict, machineWords, percentText, statusWords, waysOf } from './audit-text.ts';
import { distributionPicture } from './distribution-picture.ts';
import { secondsPicture } from './seconds-picture.ts';

/** The audit as one HTML file that needs nothing beside it, to be shown to whoever doubts. */
export function auditPage(audit: Audit): string {
  const title = `Audit of ${audit.scenario}`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${escaped(title)}</title><style>${STYLE}</style></head>`,
    '<body><main>',
    `<h1>${escaped(title)}</h1>`,
    `<p class="${audit.holds ? 'good' : 'bad'} verdict">${escaped(auditVerdict(audit))}</p>`,
    `<p>${INTRODUCTION}</p>`,
    setting(audit),
    '<h2>Checks</h2>',
    checks(audit),
    ...audit.comparisons.map(comparison),
    ...(audit.plan === null ? [] : [plan(audit.plan)]),
    '<h2>Outcomes</h2>',
    outcomes(audit),
    '<h2>Second by second</h2>',
    '<p><span class="key bar"></span> departures in the server’s log <span class="key dot"></span> ' +
      'answers that loadgen counted</p>',
    secondsPicture(audit.seconds),
    footer(audit),
    '</main></body></html>',
    '',
  ].join('\n');
}

const INTRODUCTION =
  'loadgen sent its load to a server of known behaviour, a process of its own that shares no code ' +
  'with it, stamps each arrival and each departure on the machine’s monotonic clock, and keeps a ' +
  'log. Each request carried its name, so that the two records below are matched one by one.';

const STYLE = `
:root{color-scheme:light dark;--ink:#1c2024;--dim:#666c74;--line:#d9dce0;--own:#c2410c;
--server:#2563eb;--good:#15803d;--bad:#b91c1c;--paper:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8ea;--dim:#9aa1a9;--line:#3a3f45;--own:#fb923c;
--server:#7aa7ff;--good:#4ade80;--bad:#f87171;--paper:#17191c}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0}
main{max-width:900px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:24px;margin:0 0 8px}h2{font-size:18px;margin:32px 0 8px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--dim);font-size:13px}td.n,th.n{text-align:right;white-space:nowrap}
.good{color:var(--good)}.bad{color:var(--bad)}.verdict{font-size:17px;font-weight:600;margin:0 0 12px}
.dim{color:var(--dim)}svg{width:100%;height:auto;display:block}.axis{font-size:12px;fill:var(--dim)}
.grid{stroke:var(--line);stroke-width:1}polyline{fill:none;stroke-linejoin:round}
polyline.server{stroke:var(--server);stroke-width:5;opacity:.55}polyline.own{stroke:var(--own);stroke-width:1.6}
rect.bar{fill:var(--server);opacity:.55}circle.dot{fill:var(--own)}
.key{display:inline-block;width:22px;height:0;vertical-align:middle;margin:0 4px 0 12px;border-top:3px solid}
.key.own{border-color:var(--own)}.key.server{border-color:var(--server);border-top-width:5px;opacity:.6}
.key.bar{width:12px;height:12px;border:0;background:var(--server);opacity:.55}
.key.dot{width:8px;height:8px;border:0;border-radius:50%;background:var(--own)}`;

function setting(audit: Audit): string {
  const { server } = audit;
  const rows: [string, string][] = [
    ['load', audit.load],
    ['server', `${server.recipe} ${server.options.join(' ')}`],
    ['machine', machineWords(audit)],
    ...audit.changes.map((change): [string, string] => ['changed', change]),
  ];
  return table(rows.map((row) => row.map((text, index) => cell(text, index === 0 ? 'dim' : ''))));
}

function checks(audit: Audit): string {
  const rows = audit.checks.map(({ name, limit, observed, holds }) => [
    cell(holds ? '✓' : '✗', holds ? 'good' : 'bad'),
    cell(name),
    cell(observed),
    cell(limit, 'dim'),
  ]);
  return table(rows, ['', 'what', 'observed', 'limit']);
}

const SERVER_SIDE = {
  service_time: 'residence in the server, by its stamps',
  response_time: 'departure from the server − planned start',
} as const;

const EXPLAINED = {
  service_time: 'From the bytes handed to the socket to the last byte of the answer.',
  response_time:
    'From the planned start, whatever the server did in between: what a user waits at this rate.',
} as const;

function comparison(each: AuditComparison): string {
  const { metric, loadgen, server, difference, distance } = each;
  const rows = distributionRows([
    ['loadgen says', loadgen],
    [SERVER_SIDE[metric], server],
    ['difference, request by request', difference],
    ...waysOf(each),
  ]);
  return [
    `<h2>${metric}</h2>`,
    `<p>${EXPLAINED[metric]}<br><span class="key own"></span> loadgen ` +
      `<span class="key server"></span> ${SERVER_SIDE[metric]}</p>`,
    distributionPicture(each),
    rows,
    `<p class="dim">Largest distance of the two distributions: ${formatDuration(distance.ns)}, at ` +
      `p${percentText(distance.atPercent)}. The same ${formatCount(loadgen.count)} requests are on ` +
      'both sides; percentiles are exact.</p>',
  ].join('\n');
}

function plan({ planned, due, started, unsent, arrivalLag, ownLag }: NonNullable<Audit['plan']>) {
  const unsentCount = Object.values(unsent).reduce((sum, count) => sum + count, 0);
  return [
    '<h2>Arrivals against plan</h2>',
    `<p>${formatCount(planned)} starts in the plan, ${formatCount(due)} due, ` +
      `${formatCount(started)} started, ${formatCount(unsentCount)} unsent.</p>`,
    distributionRows([
      ['arrival at the server − planned start', arrivalLag],
      ['without waiting for a free place in flight', ownLag],
    ]),
  ].join('\n');
}

function distributionRows(rows: readonly (readonly [string, AuditDistribution])[]): string {
  const head = ['', 'count', 'min', 'p50', 'p90', 'p99', 'max'];
  return table(
    rows.map(([label, { count, minNs, p50Ns, p90Ns, p99Ns, maxNs }]) => [
      cell(label),
      cell(formatCount(count), 'n'),
      ...[minNs, p50Ns, p90Ns, p99Ns, maxNs].map((ns) => cell(formatDuration(ns), 'n')),
    ]),
    head,
    'n',
  );
}

function outcomes({ outcomes: rows }: Audit): string {
  return table(
    rows.map(({ status, outcome, count, agrees }) => [
      cell(statusWords(status)),
      cell(formatCount(count)),
      cell(outcome, agrees ? 'good' : 'bad'),
    ]),
    ['in the server’s log', 'requests', 'seen by loadgen as'],
  );
}

function footer({ auditedAt, versions, runId, server }: Audit): string {
  const text = `loadgen ${versions.loadgen}, Node ${versions.node}, ${auditedAt}, run ${runId}. ${server.description}`;
  return `<p class="dim">${escaped(text)}</p>`;
}

function table(
  rows: readonly (readonly string[])[],
  head: readonly string[] = [],
  kind = '',
): string {
  const heading = head
    .map(
      (text, index) =>
        `<th${kind !== '' && index > 0 ? ` class="${kind}"` : ''}>${escaped(text)}</th>`,
    )
    .join('');
  const lines = rows.map((cells) => `<tr>${cells.join('')}</tr>`);
  return `<table>${head.length === 0 ? '' : `<tr>${heading}</tr>`}\n${lines.join('\n')}\n</table>`;
}

function cell(text: string, kind = ''): string {
  return `<td${kind === '' ? '' : ` class="${kind}"`}>${escaped(text)}</td>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Names come from scenario files. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"]/g, (letter) => ENTITIES[letter]!);
}
