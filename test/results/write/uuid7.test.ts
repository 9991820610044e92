import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuid7 } from '../../../src/results/write/uuid7.ts';

test('the example of RFC 9562, appendix A.6, comes out as it is printed there', () => {
  const random = Buffer.from('0cc318c4dc0c0c07398f', 'hex');
  // 0x0cc3: the version takes the place of its first four bits; 0x18: the variant of its first two.
  const id = uuid7(0x017f22e279b0, random);
  assert.equal(id, '017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('ids sort by the millisecond in which they were made', () => {
  const high = new Uint8Array(10).fill(0xff);
  const low = new Uint8Array(10);
  assert.ok(uuid7(1_000, high) < uuid7(1_001, low));
  assert.ok(uuid7(2 ** 32, high) < uuid7(2 ** 32 + 1, low));
});

test('version and variant are set whatever the random bytes are', () => {
  for (const byte of [0x00, 0xff]) {
    const id = uuid7(Date.UTC(2026, 10, 22), new Uint8Array(10).fill(byte));
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});
