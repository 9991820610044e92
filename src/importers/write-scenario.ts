import { Document, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { Draft, DraftStep } from './draft.ts';
import { ImportRefused } from './import-refused.ts';
import { rowValue } from './literal.ts';

/** What the scenario language takes of a file. */
const MAX_BYTES = 2 ** 20;

/** Iterations of the load that is written down at first: enough to see that it works. */
const FIRST_ITERATIONS = 10;

/** The draft as a scenario file, with what is to be known in comments. */
export function writeScenario(draft: Draft): string {
  const { targets, feeders, steps } = draft;
  const rows = feeders.map(({ name, rows: all }) => [name, { inline: rowValue(all) }] as const);
  const longest = Math.max(0, ...feeders.map((feeder) => feeder.rows.length));
  const tree = {
    version: 1,
    targets: Object.fromEntries(
      targets.map(({ name, url, keys }) => [name, { driver: 'http', url, ...keys }]),
    ),
    ...(rows.length > 0 && { data: Object.fromEntries(rows) }),
    steps: steps.map((step) => stepTree(step, targets.length > 1)),
    load: {
      executor: 'shared-iterations',
      vus: 1,
      iterations: Math.max(FIRST_ITERATIONS, longest),
    },
    thresholds: ['error_rate == 0%'],
  };
  const document = new Document(tree, { aliasDuplicateObjects: false });
  document.commentBefore = head(draft);
  layOut(document.contents as YAMLMap, steps);
  const text = document.toString({
    lineWidth: 0,
    singleQuote: true,
    doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY,
  });
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) {
    const mebibytes = (bytes / 2 ** 20).toFixed(1);
    throw new ImportRefused(
      `the scenario would have ${mebibytes} MiB, and a scenario has at most 1 MiB`,
    );
  }
  return text;
}

function stepTree(
  { name, target, request, expect, standsAlone }: DraftStep,
  several: boolean,
): object {
  return {
    name,
    ...(several && { target }),
    request,
    ...(expect && { expect }),
    ...(standsAlone && { onFail: 'continue' }),
  };
}

function head({ source, variables, notes }: Draft): string {
  const lines = [`${source}, by \`loadgen new\`. Look it through before you run it.`];
  if (variables.length > 0) {
    lines.push('', 'Secrets are not written here. Before a run, set:');
    lines.push(...variables.map(({ name, meaning }) => `  ${name}: ${meaning}`));
  }
  if (notes.length > 0) {
    lines.push('', 'Not carried over, or to be known:');
    lines.push(...notes.map((note) => `  - ${note}`));
  }
  return lines.map((line) => (line === '' ? '' : ` ${oneLine(line)}`)).join('\n');
}

/** A line end in a name out of a file would end the comment. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- line ends and what a terminal obeys
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}

const LOAD_COMMENT =
  ' One after the other, to see that it works. At a rate, whatever the server does:\n' +
  '   { executor: constant-arrival-rate, rate: 10/s, duration: 1m }';

/** A blank line before each section and each step, and comments where they belong. */
function layOut(root: YAMLMap, steps: readonly DraftStep[]): void {
  for (const { key, value } of root.items) {
    if (!isScalar(key)) continue;
    if (key.value !== 'version') key.spaceBefore = true;
    if (key.value === 'load') key.commentBefore = LOAD_COMMENT;
    if (key.value === 'load' && isMap(value)) value.flow = true;
    if (key.value === 'steps' && isSeq(value)) {
      for (const [index, node] of value.items.entries()) {
        const { comment } = steps[index]!;
        if (index > 0) (node as Node).spaceBefore = true;
        if (comment !== undefined) (node as Node).commentBefore = ` ${oneLine(comment)}`;
      }
    }
  }
}
