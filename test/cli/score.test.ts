import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { IntervalRow } from '../../src/results/schema/interval-row.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { runScenario, startLoadgen } from '../support/run-loadgen.ts';

/** Says what it is asked to say; of what begins with "badly" it leaves the last word out. */
async function speaker(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    const words = new URL(request.url!, 'http://any').searchParams.get('words')!;
    response.end(words.startsWith('badly') ? words.split(' ').slice(0, -1).join(' ') : words);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function scenarioOf(url: string, step = ''): string {
  return `
version: 1
targets: { speech: { driver: http, url: "${url}" } }
data:
  clips:
    inline: [{ text: one two three four }, { text: badly said words here }, { text: "" }]
steps:
  - name: say
    request: { path: /say, query: { words: "{{ clips.text }}" } }
    score: { wer: clips.text }
${step}
load: { executor: shared-iterations, vus: 4, iterations: 300, warmup: { iterations: 30 } }
thresholds:
  - wer avg == 0.125
  - wer{step:say} max <= 25%
  - word_errors share < 12.6%
  - unscored{reason:no_reference} count == 100
  - wer count == 200
`;
}

test('answers are scored beside the load, each once, and judged by thresholds', async (t) => {
  const run = await runScenario(scenarioOf(await speaker(t)));
  assert.equal(run.code, 0, `${run.errors}${run.output}`);
  const result = run.result as unknown as Result;
  assert.ok(result.thresholds.every(({ status }) => status === 'passed'));
  const [worst] = result.worstAnswers!;
  assert.deepEqual([worst!.metric, worst!.tags['step']], ['wer', 'say']);
  // Rows are taken in order: iteration i has row i mod 3.
  assert.ok(worst!.answers.every(({ iteration, value }) => iteration % 3 === 1 && value === 0.25));
  const folder = join(run.folder, run.summary.trials[0]!.folder);
  const rows = readFileSync(join(folder, 'intervals.ndjson'), 'utf8').trim().split('\n');
  const scored = rows
    .map((row) => JSON.parse(row) as IntervalRow)
    .filter(({ phase }) => phase === 'measure')
    .reduce((sum, { values }) => sum + (values?.['wer']?.count ?? 0), 0);
  assert.ok(scored <= 200, 'what is scored after the last row stands in the totals alone');
  const report = await startLoadgen(['report', folder], {}).ended;
  assert.match(report.output, /wer +0\.1250 +0\.\d+ +p95 0\.2500 +max 0\.2500 +200/);
  assert.match(report.output, /100 answers not scored .*: 100 no reference/);
});

test('the wrong scorer, and a verb without the answer, are told before anything starts', async (t) => {
  const url = await speaker(t);
  const wrong = `  - { name: other, request: { path: / }, score: { bleu: clips.text, recall@10: clips.text } }`;
  const { code, errors } = await runScenario(scenarioOf(url, wrong));
  assert.equal(code, 104);
  assert.match(errors, /there is no such scorer/);
  assert.match(errors, /recall@10 looks at `ids` of an answer, which request does not give/);
});
