import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'node:test';
import { displayWidth } from '../../src/reports/format/width.ts';
import { ansiPalette } from '../../src/reports/palette.ts';
import { isReportFormat, loadReport, REPORT_FORMATS } from '../../src/reports/registry.ts';
import type { ReportInput } from '../../src/reports/report.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { planOf } from './sample-results.ts';
import { RecordedTrial } from '../results/recorded-trial.ts';
import { closedTrial } from '../results/trials.ts';
import { assertGolden } from './golden.ts';
import {
  closedResult,
  dialectResult,
  openResult,
  resultOf,
  streamedResult,
  tinyResult,
} from './sample-results.ts';

// Not .json, which formatters would take for theirs.
const EXTENSIONS = {
  text: 'txt',
  json: 'json.golden',
  junit: 'xml',
  markdown: 'md',
  csv: 'csv',
};
const FOLDER = 'results/embed/2026-11-22T10-34-26Z-fc270f6a/trial-001';

for (const format of REPORT_FORMATS) {
  const inputs = {
    open: [openResult()],
    closed: [closedResult()],
    tiny: [tinyResult()],
    streamed: [streamedResult()],
  };
  for (const [name, results] of Object.entries(inputs)) {
    test(`the ${format} report of the ${name} run is as it was agreed on`, async () => {
      const report = await loadReport(format);
      assertGolden(`reports/${name}.${EXTENSIONS[format]}`, report(inputOf(results)).text);
    });
  }
}

test('a text report of several trials is a line for each, and where the rest is', async () => {
  const report = await loadReport('text');
  assertGolden('reports/sweep.txt', report(inputOf([closedResult(), openResult()])).text);
});

for (const format of ['text', 'markdown'] as const) {
  test(`the ${format} report shows what other tools would have printed`, async () => {
    const report = await loadReport(format);
    const { text } = report(inputOf([dialectResult()]));
    assertGolden(`reports/dialects.${EXTENSIONS[format]}`, text);
  });
}

test('rows are told beside operations where these hold several', async () => {
  const report = await loadReport('text');
  const result = closedResult();
  const series = result.series.map((each) =>
    each.metric === 'items' ? { ...each, value: 10 * each.value! } : each,
  );
  const { attempted } = result.accounts.measure;
  const rate = (10 * attempted) / result.durationSeconds;
  const { text } = report(inputOf([{ ...result, series }]));
  const [, count, perSecond] = /items +([\d,]+), ([\d,.]+)\/s\n/.exec(text)!;
  assert.equal(Number(count!.replaceAll(',', '')), 10 * attempted);
  assert.ok(Math.abs(Number(perSecond!.replaceAll(',', '')) - rate) < 0.1);
  assert.doesNotMatch(report(inputOf([result])).text, /items/);
});

test('repetitions share a line, with their median and range', async () => {
  const report = await loadReport('text');
  const repeated = [0.97, 1, 1.1].flatMap((factor, at) =>
    [closedResult(), openResult()].map((result) => ({
      ...result,
      trial: at * 2 + 1,
      trialCount: 6,
      repetition: at + 1,
      throughput: {
        ...result.throughput,
        operationsPerSecond: result.throughput.operationsPerSecond * factor,
      },
    })),
  );
  assertGolden('reports/repetitions.txt', report(inputOf(repeated)).text);
});

test('no line of a text report is wider than 100 columns, whatever names are in it', async () => {
  const report = await loadReport('text');
  const usual = [openResult(), closedResult(), tinyResult(), streamedResult()];
  const results = usual.concat(hostile(openResult()), unlucky());
  const pages = [results, ...results.map((result) => [result])];
  for (const line of pages.flatMap((page) => report(inputOf(page)).text.split('\n'))) {
    assert.ok(displayWidth(line) <= 100, `${displayWidth(line)}: ${line}`);
  }
});

test('colours are all that a terminal gets beside the text', async () => {
  const report = await loadReport('text');
  const plain = report(inputOf([openResult()])).text;
  const coloured = report({ ...inputOf([openResult()]), palette: ansiPalette }).text;
  assert.notEqual(coloured, plain);
  assert.equal(stripVTControlCharacters(coloured), plain);
});

test('no name in a scenario or an answer can speak to the terminal', async () => {
  for (const format of REPORT_FORMATS) {
    const { text } = (await loadReport(format))(inputOf([hostile(openResult())]));
    const bad = /[^\P{Cc}\n]|\u202e/u.exec(text);
    assert.equal(bad, null, `${format}: ${JSON.stringify(bad?.[0])}`);
  }
});

test('names with quotes and angle brackets stay inside their JUnit attribute', async () => {
  const { text } = (await loadReport('junit'))(inputOf([hostile(openResult())]));
  assertWellFormed(text);
  const names = [...text.matchAll(/<testcase name="([^"]*)"/g)].map(([, name]) => unescaped(name!));
  const threshold = 'response_time{step:a"b\'<c>&d} p(99) < 1s';
  assert.ok(
    names.some((name) => name.startsWith(threshold)),
    names.join('\n'),
  );
});

test('a run that did not end well fails in JUnit even when it has no thresholds', async () => {
  const report = await loadReport('junit');
  const bare = { ...tinyResult(), thresholds: [] };
  const failures = (result: Result): string | undefined =>
    /<testsuites tests="1" failures="(\d)"/.exec(report(inputOf([result])).text)?.[1];
  assert.equal(failures(bare), '0');
  assert.equal(failures({ ...bare, state: 'incomplete' }), '1');
  const { accounts } = bare;
  const unbalanced = { ...accounts, measure: { ...accounts.measure, due: 10 } };
  assert.equal(failures({ ...bare, accounts: unbalanced }), '1');
  assert.equal(failures({ ...bare, verdict: { state: 'INVALID', reasons: ['late'] } }), '1');
});

test('nothing that a scenario or a server says is Markdown: all of it stands in code', async () => {
  const report = await loadReport('markdown');
  const nasty = ['a | b', '<img src=x onerror=1>', '@team', '#1', 'www.x.yz', '[l](http://x)'];
  const result = (at: number): Result => {
    const text = `${nasty.join(' ')} \`\`two\` \\| \\\\| end${at} \``;
    const base = hostile(openResult());
    const targets = base.targets.map((target) => ({ ...target, name: text, url: text }));
    const failureReasons = [{ target: text, reason: text, count: 3 }];
    const thresholds = base.thresholds.map((each) => ({ ...each, text, reason: text }));
    const named = { scenario: text, notes: [text], axes: { [text]: text }, trial: at };
    return { ...base, ...named, targets, failureReasons, thresholds };
  };
  for (const page of [[result(1)], [result(1), result(2)]]) {
    const { text } = report(inputOf(page));
    const read = await markdownTree(text);
    const words = texts(read, ['text', 'html', 'link', 'image', 'emphasis', 'strong', 'delete']);
    for (const word of words) assert.doesNotMatch(word, /team|onerror|x\.yz|http|end\d/, word);
    assert.ok(texts(read, ['inlineCode']).some((code) => code.includes('<img src=x onerror=1>')));
    for (const table of nodes(read, 'table')) {
      const widths = new Set(table.children!.map(({ children }) => children!.length));
      assert.equal(widths.size, 1, `a cell broke out of its row: ${[...widths].join(' ')}`);
    }
  }
});

test('a CSV report has a row per trial and step, and no cell that a spreadsheet would run', async () => {
  const report = await loadReport('csv');
  const evil = { ...openResult(), scenario: '=1+2', trial: 2, axes: { '@a': '-1|cmd', n: 3 } };
  const [heading, ...rows] = csvRows(report(inputOf([closedResult(), evil])).text);
  const column = (name: string): string[] => rows.map((row) => row[heading!.indexOf(name)]!);
  assert.deepEqual(column('step'), ['', 'embed', 'search', '']);
  assert.deepEqual(column('attempted'), ['1800', '900', '900', '1964']);
  assert.deepEqual(column('scenario').at(-1), "'=1+2");
  assert.deepEqual(column("'@a").at(-1), "'-1|cmd");
  assert.deepEqual(column('n'), ['', '', '', '3']);
  assert.equal(column('response_time_p99_ms').at(-1), '', 'never answered');
  assert.equal(column('response_time_not_answered_share').at(-1), '0.04');
  assert.equal(column('thresholds_undecided').at(-1), '1');
  assert.match(
    column('not_passed').at(-1)!,
    /^failed: response_time p\(99\) < 250ms: not answered/,
  );
  for (const row of rows) assert.equal(row.length, heading!.length);
});

test('a JSON report says why a percentile is missing, and drops the histograms', async () => {
  const { text } = (await loadReport('json'))(inputOf([openResult()]));
  const [trial] = JSON.parse(text);
  assert.equal(trial.series, undefined);
  const response = trial.latencies.find(
    ({ metric }: { metric: string }) => metric === 'response_time',
  );
  assert.deepEqual(response.percentiles.p99, { notAnsweredShare: 0.04 });
  assert.deepEqual(response.percentiles['p99.9'], { needsSamples: 6636 });
  assert.ok(response.percentiles.p50 > 2e6 && response.percentiles.p50 < 3e6);
});

test('only the names of the registry are formats', () => {
  assert.deepEqual(REPORT_FORMATS, ['text', 'json', 'junit', 'markdown', 'csv']);
  assert.ok(isReportFormat('junit'));
  assert.ok(!isReportFormat('constructor'));
});

function inputOf(results: readonly Result[]): ReportInput {
  return { trials: results.map((result) => ({ result, folder: FOLDER })) };
}

/** Text that a scenario's author, or a server under test, might try on a reader. */
function hostile(result: Result): Result {
  const nasty = 'x\u001b[2J\u001b]0;title\u0007\r\n\u0000\u009b31m\u202e"\'<&>]]>';
  return {
    ...result,
    scenario: nasty,
    trialCount: 3,
    axes: { [nasty]: nasty.repeat(20) },
    targets: result.targets.map((target) => ({ ...target, name: nasty, driver: nasty })),
    flows: result.flows.map((flow) => ({ ...flow, name: nasty, executor: nasty.repeat(9) })),
    failureReasons: [{ target: nasty, reason: nasty.repeat(30), count: 3 }],
    thresholds: [
      {
        text: 'response_time{step:a"b\'<c>&d} p(99) < 1s',
        status: 'failed',
        observed: null,
        reason: nasty.repeat(10),
        tags: { [nasty]: nasty.repeat(10) },
        thin: false,
      },
    ],
    notes: [nasty.repeat(10)],
  };
}

/** A journey of which most requests fail in most steps: the widest table there is. */
function unlucky(): Result {
  const steps = ['a_step_with_quite_a_long_name', 'b', 'c', 'd'];
  const recorded = new RecordedTrial(planOf(steps), { warmup: 1e9, measure: 2e9 });
  recorded.second('measure', (second) => {
    for (let i = 0; i < 7_000; i++) {
      const operations = steps.map((_, lane) => {
        const fails = i % [2, 7, 15, 50][lane]! === 0;
        return { lane, responseNs: 1e6, outcome: fails ? ('timeout' as const) : ('ok' as const) };
      });
      second.journey(0, operations);
    }
  });
  return resultOf(closedTrial(), recorded, {});
}

interface MarkdownNode {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly MarkdownNode[];
}

/** As another reader of Markdown takes it: remark, which prettier brings. */
async function markdownTree(text: string): Promise<MarkdownNode> {
  const { __debug } = (await import('prettier')) as unknown as {
    __debug: { parse(text: string, options: object): Promise<{ ast: MarkdownNode }> };
  };
  return (await __debug.parse(text, { parser: 'markdown' })).ast;
}

function nodes(tree: MarkdownNode, type: string): MarkdownNode[] {
  const own = tree.type === type ? [tree] : [];
  return [...own, ...(tree.children ?? []).flatMap((child) => nodes(child, type))];
}

/** What stands in nodes of these types, or of nodes made from them. */
function texts(tree: MarkdownNode, types: readonly string[]): string[] {
  const known = ['root', 'heading', 'paragraph', 'sentence', 'table', 'tableRow', 'tableCell'];
  const rest = ['list', 'listItem', 'text', 'word', 'whitespace', 'inlineCode'];
  assert.ok([...known, ...rest, ...types].includes(tree.type), `unexpected ${tree.type}`);
  const isWord = tree.type === 'word' && types.includes('text');
  const own = types.includes(tree.type) || isWord ? [tree.value ?? ''] : [];
  return [...own, ...(tree.children ?? []).flatMap((child) => texts(child, types))];
}

/** RFC 4180, as its grammar has it. */
function csvRows(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
        quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
      ),
    );
}

/** Tags open and close in order, and no attribute holds a character that XML does not allow. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const body = xml.replace(/^<\?xml [^>]*\?>\n/, '');
  const tag = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/gy;
  for (let at = 0; at < body.length; at = tag.lastIndex) {
    const blank = /\s*/y;
    blank.lastIndex = at;
    blank.exec(body);
    if (blank.lastIndex === body.length) break;
    tag.lastIndex = blank.lastIndex;
    const found = tag.exec(body);
    assert.ok(found, `no tag at ${body.slice(blank.lastIndex, blank.lastIndex + 80)}`);
    const [, closing, name, attributes, empty] = found;
    assert.doesNotMatch(attributes!, /&(?!(?:amp|lt|gt|quot|apos|#\d+);)/);
    assert.doesNotMatch(attributes!, /[\p{Cc}\ufffe\uffff]/u);
    if (closing) assert.equal(open.pop(), name);
    else if (!empty) open.push(name!);
  }
  assert.deepEqual(open, []);
}

function unescaped(text: string): string {
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&apos;/g, "'")
    .replace(/&amp;/g, '&');
}

test('a run whose ceiling is known says how much of it was used, and how sure that is', async () => {
  const textReport = await loadReport('text');
  const known = {
    operationsPerSecond: 90_000,
    isLowerBound: false,
    measuredAt: '2026-11-22T10:00:00Z',
    usedShare: 0.124,
    busiestSecondShare: 0.851,
  };
  const textOf = (ceiling: typeof known): string => {
    const { text } = textReport({ trials: [{ result: { ...openResult(), ceiling }, folder: '' }] });
    return text.replace(/\s+/g, ' ');
  };
  const sure = 'ceiling used 12.4% of what this machine can send, 85.1% in the busiest second';
  assert.ok(textOf(known).includes(`${sure} (1 worker × 90,000/s, answers unchecked`));
  const atMost = textOf({ ...known, isLowerBound: true, usedShare: 1.3 });
  assert.match(atMost, /used at most 130% of .* × at least 90,000\/s/);
});
