import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvLine } from '../../../src/base/expressions/csv.ts';

test('texts that a spreadsheet would run as a formula are shown instead', () => {
  assert.equal(csvLine(['=1+2', '+1', '-1', '@SUM(A1)']), "'=1+2,'+1,'-1,'@SUM(A1)\r\n");
  assert.equal(csvLine(['=HYPERLINK("http://x")']), `"'=HYPERLINK(""http://x"")"\r\n`);
});

test('numbers stay numbers, also below zero', () => {
  assert.equal(csvLine([-1.5, 0, 1e21]), '-1.5,0,1e+21\r\n');
});

test('what is not known is an empty cell and never 0', () => {
  assert.equal(csvLine([null, undefined, Number.NaN, Infinity]), ',,,\r\n');
});

test('commas, quotes and line breaks stay inside their cell', () => {
  assert.equal(csvLine(['a,b', 'say "hi"', 'two\nlines']), '"a,b","say ""hi""","two\nlines"\r\n');
});
