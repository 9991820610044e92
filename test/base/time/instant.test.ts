import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nanosecondsBetween, parseInstant } from '../../../src/base/time/instant.ts';

function between(one: unknown, other: unknown): number {
  return nanosecondsBetween(parseInstant(one)!, parseInstant(other)!);
}

test('dates are read to the nanosecond, however they are written', () => {
  // A row of the Azure trace of LLM inference, and the next one.
  assert.equal(
    between('2023-11-16 18:15:46.6805900', '2023-11-16 18:15:50.9951690'),
    4_314_579_000,
  );
  assert.equal(between('2023-11-16T18:15:46Z', '2023-11-16T18:15:46.000000001Z'), 1);
  assert.equal(between('2024-02-28T23:59:59Z', '2024-03-01T00:00:00Z'), 86_401e9);
  assert.equal(between('2024-01-01T10:00:00+02:00', '2024-01-01T10:00:00Z'), 7200e9);
  assert.equal(between('2024-01-01T10:00:00-0530', '2024-01-01T10:00:00'), -19_800e9);
});

test('numbers are seconds, also as texts, and durations have their units', () => {
  assert.equal(between(5, 45), 40e9);
  assert.equal(between('5', '45.25'), 40.25e9);
  assert.equal(between(0, '250ms'), 250e6);
  assert.equal(between(1_700_158_546.5, 1_700_158_546.75), 250e6);
  assert.equal(between(10n, 11n), 1e9);
});

test('what tells no time is none', () => {
  for (const value of [
    '',
    'soon',
    '2023-11-16',
    'NaN',
    Number.NaN,
    Infinity,
    null,
    undefined,
    {},
  ]) {
    assert.equal(parseInstant(value), undefined, JSON.stringify(value));
  }
});

test('dates agree with those of the platform, to the millisecond', () => {
  const date = fc.date({
    min: new Date('1971-01-01T00:00:00Z'),
    max: new Date('2099-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, date, (one, other) => {
      const ms = other.getTime() - one.getTime();
      const seconds = Math.trunc(ms / 1000);
      const found = between(one.toISOString(), other.toISOString());
      // Beyond 104 days a difference in ns is no whole double any more.
      assert.ok(Math.abs(found - ms * 1e6) <= Math.abs(seconds) * 1e-6, `${found} for ${ms} ms`);
    }),
    { numRuns: 200, seed: 4 },
  );
});

test('a mere number counts the unit that is named, and what names its own does not', () => {
  const ms = (value: unknown) => parseInstant(value, 1e-3)!;
  assert.equal(nanosecondsBetween(ms(27_482), ms(30_535)), 3_053_000_000);
  assert.equal(nanosecondsBetween(ms('0'), ms('12.5')), 12_500_000);
  assert.equal(nanosecondsBetween(ms('1s'), ms('3s')), 2_000_000_000);
  assert.equal(parseInstant('', 1e-3), undefined);
});
