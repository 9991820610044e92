/**
 * Makes sound files for load tests of speech servers: WAV, 16 bits, one channel, and beside each a
 * text of the words that it would say. What is heard are bursts of tones and noise in the rhythm of
 * speech, which keeps a decoder busy; no words can be understood.
 *
 *     node scripts/make-sounds.ts FOLDER [--seed 1] [--seconds 1,3,6] [--count 1] [--rate 8000]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomStream, randomUniform } from '../src/base/random/counter-random.ts';

const WORDS = 'the time has come to say of many things what they are and why'.split(' ');
/** Words a second, as people speak. */
const WORDS_PER_SECOND = 2.5;
const HEAD_BYTES = 44;

interface Sound {
  readonly seconds: number;
  readonly samplesPerSecond: number;
  readonly seed: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '1,3,6' },
    count: { type: 'string', default: '1' },
    rate: { type: 'string', default: '8000' },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('usage: make-sounds.ts FOLDER [options]');
mkdirSync(folder, { recursive: true });
for (const seconds of values.seconds.split(',').map(Number)) {
  for (let index = 0; index < Number(values.count); index++) {
    const seed = Number(values.seed) + index;
    const samplesPerSecond = Number(values.rate);
    const name = join(folder, `${String(seconds).padStart(2, '0')}s-${index}`);
    writeFileSync(`${name}.wav`, waveOf({ seconds, samplesPerSecond, seed }));
    writeFileSync(`${name}.txt`, `${textOf(seconds, seed)}\n`);
  }
}

function textOf(seconds: number, seed: number): string {
  const chance = randomStream(seed, `text/${seconds}`);
  const count = Math.max(1, Math.round(seconds * WORDS_PER_SECOND));
  return Array.from({ length: count }, (_, at) => {
    return WORDS[Math.floor(randomUniform(chance, at) * WORDS.length)]!;
  }).join(' ');
}

/** Every word a tone of its own with some noise, louder in its middle. */
function waveOf({ seconds, samplesPerSecond, seed }: Sound): Buffer {
  const samples = Math.round(seconds * samplesPerSecond);
  const bytes = Buffer.alloc(HEAD_BYTES + samples * 2);
  writeHead(bytes, samplesPerSecond);
  const tones = randomStream(seed, `tones/${seconds}`);
  const noise = randomStream(seed, `noise/${seconds}`);
  const perWord = samplesPerSecond / WORDS_PER_SECOND;
  for (let at = 0; at < samples; at++) {
    const word = Math.floor(at / perWord);
    const within = (at % perWord) / perWord;
    const hertz = 120 + 180 * randomUniform(tones, word);
    const tone = Math.sin((2 * Math.PI * hertz * at) / samplesPerSecond);
    const hiss = 2 * randomUniform(noise, at) - 1;
    const loudness = Math.sin(Math.PI * within) ** 2;
    const value = loudness * (0.6 * tone + 0.15 * hiss);
    bytes.writeInt16LE(Math.round(value * 32_767), HEAD_BYTES + at * 2);
  }
  return bytes;
}

function writeHead(bytes: Buffer, samplesPerSecond: number): void {
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(samplesPerSecond, 24);
  bytes.writeUInt32LE(samplesPerSecond * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(bytes.length - HEAD_BYTES, 40);
}
