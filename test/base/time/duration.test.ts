import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  durationSchema,
  parseDurationNs,
  parseRatePerSecond,
  rateSchema,
} from '../../../src/base/time/duration.ts';

const DURATIONS: readonly [string, number | undefined, string][] = [
  ['250ms', 250e6, 'milliseconds'],
  ['10s', 10e9, 'seconds'],
  ['1m30s', 90e9, 'several units add up'],
  ['0.5s', 5e8, 'fractions are allowed'],
  ['1.5h', 5400e9, 'hours'],
  ['40us', 40e3, 'microseconds'],
  ['40µs', 40e3, 'microseconds with their sign'],
  ['0s', 0, 'zero has a unit too'],
  ['10', undefined, 'a number without a unit is refused'],
  ['-1s', undefined, 'negative durations are refused'],
  ['1 s', undefined, 'spaces are refused'],
  ['1d', undefined, 'days are not a unit'],
  ['', undefined, 'nothing is no duration'],
];

for (const [text, expected, sentence] of DURATIONS) {
  test(`duration "${text}": ${sentence}`, () => {
    assert.equal(parseDurationNs(text), expected);
    assert.equal(durationSchema.safeParse(text).success, expected !== undefined);
  });
}

const RATES: readonly [string, number | undefined, string][] = [
  ['200/s', 200, 'per second'],
  ['6000/min', 100, 'per minute'],
  ['1800/h', 0.5, 'per hour'],
  ['0.5/s', 0.5, 'fractions are allowed'],
  ['200', undefined, 'a number without a unit is refused'],
  ['200/m', undefined, 'm would be minutes or milli: min is the word'],
  ['200 rps', undefined, 'other spellings are refused'],
];

for (const [text, expected, sentence] of RATES) {
  test(`rate "${text}": ${sentence}`, () => {
    assert.equal(parseRatePerSecond(text), expected);
    assert.equal(rateSchema.safeParse(text).success, expected !== undefined);
  });
}
