import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flacSeconds } from '../../src/data/flac-seconds.ts';

/** Marker, header of STREAMINFO, and its 34 bytes (RFC 9639 section 8.2), bit by bit. */
function head(samplesPerSecond: number, samples: bigint): Buffer {
  const bytes = Buffer.alloc(42);
  bytes.write('fLaC', 0, 'latin1');
  bytes.writeUInt32BE(34, 4);
  const channels = 2n - 1n;
  const bits = 16n - 1n;
  const packed = (BigInt(samplesPerSecond) << 44n) | (channels << 41n) | (bits << 36n) | samples;
  bytes.writeBigUInt64BE(packed, 18);
  return bytes;
}

describe('the length of a FLAC file', () => {
  it('is its samples by its rate', () => {
    assert.equal(flacSeconds(head(16_000, 40_000n)), 2.5);
    assert.equal(flacSeconds(head(44_100, 44_100n * 3600n)), 3600);
  });

  it('is not known where the file does not say, or is none', () => {
    assert.equal(flacSeconds(head(16_000, 0n)), undefined);
    assert.equal(flacSeconds(Buffer.from('RIFF')), undefined);
    assert.equal(flacSeconds(Buffer.alloc(42)), undefined);
  });
});
