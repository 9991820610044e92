import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TerminalBlock } from '../../src/cli/terminal-block.ts';
import { FakeTerminal } from './fake-terminal.ts';

test('a block is drawn over itself', () => {
  const terminal = new FakeTerminal(40, 20);
  const block = new TerminalBlock(terminal);
  terminal.write('before\n');
  block.draw(['one', 'two', 'three']);
  block.draw(['ONE', 'TWO']);
  assert.deepEqual(terminal.lines(), ['before', 'ONE', 'TWO']);
});

test('the cursor is hidden while there is a block and given back by clearing it', () => {
  const terminal = new FakeTerminal(40, 20);
  const block = new TerminalBlock(terminal);
  block.draw(['one']);
  assert.equal(terminal.cursorVisible, false);
  block.clear();
  assert.equal(terminal.cursorVisible, true);
  terminal.write('after\n');
  assert.deepEqual(terminal.lines(), ['after']);
});

test('clearing what was never drawn writes nothing', () => {
  const terminal = new FakeTerminal(40, 20);
  new TerminalBlock(terminal).clear();
  assert.equal(terminal.written, '');
});

test('a terminal with few rows shows the first lines and keeps what stood above', () => {
  const terminal = new FakeTerminal(40, 4);
  const block = new TerminalBlock(terminal);
  for (let round = 0; round < 3; round++) block.draw(['1', '2', '3', '4', '5', '6']);
  assert.deepEqual(terminal.lines(), ['1', '2', '3']);
});

test('after the terminal became narrower the block still covers its wrapped lines', () => {
  const terminal = new FakeTerminal(40, 20);
  const block = new TerminalBlock(terminal);
  terminal.write('before\n');
  block.draw(['x'.repeat(39), 'y'.repeat(39)]);
  terminal.resize(20);
  block.draw(['x'.repeat(19), 'y'.repeat(19)]);
  assert.deepEqual(terminal.lines(), ['before', 'x'.repeat(19), 'y'.repeat(19)]);
});
