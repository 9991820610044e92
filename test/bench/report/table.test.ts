import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from '../../../bench/report/table.ts';

test('a table is Markdown, its columns aligned as it stands', () => {
  const rows = [
    ['wrk', '37,147'],
    ['autocannon', '9'],
  ];
  assert.equal(
    formatTable({ title: 'Rates', head: ['program', 'requests/s'], rows }),
    [
      '**Rates**',
      '',
      '| program    | requests/s |',
      '| ---------- | ---------: |',
      '| wrk        |     37,147 |',
      '| autocannon |          9 |',
    ].join('\n'),
  );
});
