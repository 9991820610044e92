import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { textReport } from '../../../src/reports/text/text-report.ts';
import { readResult } from '../../../src/results/read/read-result.ts';

/** Kept as they were written; a change of the code must read them as before. */
const GOLDEN = join(import.meta.dirname, '../../golden');

// One line a version of the result documents.
for (const version of ['result@1']) {
  test(`a folder of ${version} reads as ever: one whole trial, one that was killed`, async () => {
    const { run, trials } = await readResult(join(GOLDEN, version));
    assert.equal(run?.state, 'running');
    assert.deepEqual(
      trials.map(({ result }) => [result.state, result.exitCode, result.axes['load.rate']]),
      [
        ['complete', 99, '100/s'],
        ['incomplete', null, '200/s'],
      ],
    );
    // The paths differ from checkout to checkout and are left out.
    const bare = trials.map((trial) => ({ ...trial, folder: '' }));
    const pages = [...bare.map((trial) => [trial]), bare];
    const text = pages.map((page) => textReport({ trials: page }).text).join('\n\n');
    assert.equal(text, readFileSync(join(GOLDEN, version, 'summary.txt'), 'utf8'));
  });
}
