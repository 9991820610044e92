import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  idOfText,
  idOfUuid,
  integerId,
  uuidOfId,
} from '../../../../src/drivers/vocabulary/vectors/vector-ids.ts';

test('a number comes back from the text and the UUID that servers keep it as', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (id) => {
      assert.equal(idOfText(String(id)), id);
      assert.equal(idOfUuid(uuidOfId(id)), id);
    }),
  );
});

test('the UUID of a number is the one that Python’s uuid.UUID(int=id) makes', () => {
  // Printed by Python 3.11.
  assert.equal(uuidOfId(0), '00000000-0000-0000-0000-000000000000');
  assert.equal(uuidOfId(305_419_896), '00000000-0000-0000-0000-000012345678');
  assert.equal(uuidOfId(2 ** 53 - 1), '00000000-0000-0000-001f-ffffffffffff');
});

test('texts and UUIDs that are no numbers stay what they are', () => {
  for (const text of ['', '007', '-1', '1.5', '9007199254740993', 'a7']) {
    assert.equal(idOfText(text), text);
  }
  const uuid = '12345678-1234-1234-1234-123456789ABC';
  assert.equal(uuidOfId(uuid), uuid.toLowerCase());
  assert.equal(idOfUuid(uuid), uuid);
});

test('where a server has numbers only, others are refused', () => {
  assert.equal(integerId('12'), 12);
  for (const id of ['a', '007', -1, 1.5, 2 ** 53]) {
    assert.throws(() => integerId(id), /no whole number/);
  }
});
