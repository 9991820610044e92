import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Compares with `test/golden/<name>`, byte for byte. After a change that is meant:
 * `UPDATE_GOLDEN=1 node --test test/reports`, and read the difference before it is committed.
 */
export function assertGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, '../golden', name);
  if (process.env['UPDATE_GOLDEN']) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  assert.equal(text, readFileSync(path, 'utf8'));
}
