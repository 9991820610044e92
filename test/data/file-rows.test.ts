import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openFeeder, type Feeder } from '../../src/data/feeder.ts';
import { feederSchema } from '../../src/data/feeder-schema.ts';

/** A WAV file of so many samples of 16 bits at 16 kHz, with a chunk of odd size before them. */
function wave(samples: number): Buffer {
  const data = Buffer.alloc(samples * 2);
  const format = Buffer.from(
    '666d742010000000010001003e8000007d000000020010 00'.replace(' ', ''),
    'hex',
  );
  format.writeUInt32LE(16_000, 12);
  format.writeUInt32LE(32_000, 16);
  const list = Buffer.concat([Buffer.from('LIST'), uint32(3), Buffer.from('abc\0')]);
  const body = [Buffer.from('WAVE'), format, list, Buffer.from('data'), uint32(data.length), data];
  const content = Buffer.concat(body);
  return Buffer.concat([Buffer.from('RIFF'), uint32(content.length), content]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function folderOf(context: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-files-'));
  context.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'wav/empty.wav'), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

function open(baseFolder: string, keys: object): Promise<Feeder> {
  return openFeeder('clips', feederSchema.parse(keys), { seed: 1, baseFolder });
}

test('a row per file in the order of the paths, with size, length of sound and the text beside it', async (t) => {
  const folder = folderOf(t, {
    'wav/b.wav': wave(24_000),
    'wav/a.wav': wave(8_000),
    'wav/a.txt': 'hello\n',
    'wav/b.txt': 'two\nlines',
  });
  const feeder = await open(folder, { files: 'wav/*.wav', sidecar: { text: '.txt' } });
  assert.deepEqual(feeder.fields, ['path', 'bytes', 'seconds', 'text']);
  assert.equal(feeder.rowCount, 2);
  const sizes = [wave(8_000).length, wave(24_000).length];
  assert.deepEqual(
    [feeder.row(0), feeder.row(1)],
    [
      { path: join(folder, 'wav/a.wav'), bytes: sizes[0], seconds: 0.5, text: 'hello' },
      { path: join(folder, 'wav/b.wav'), bytes: sizes[1], seconds: 1.5, text: 'two\nlines' },
    ],
  );
});

test('files that are no sound have no length', async (t) => {
  const folder = folderOf(t, { 'wav/a.bin': 'abc' });
  const feeder = await open(folder, { files: '**/*.bin' });
  assert.deepEqual(feeder.fields, ['path', 'bytes']);
  assert.equal(feeder.row(0)['bytes'], 3);
});

test('what cannot be used is named: no file, no text beside one, no head of a WAV file', async (t) => {
  const folder = folderOf(t, { 'wav/a.wav': wave(10), 'wav/broken.wav': 'RIFF' });
  await assert.rejects(open(folder, { files: '*.nothing' }), /has no rows \(\*\.nothing\)/);
  await assert.rejects(open(folder, { files: 'wav/broken.wav' }), /no header of a WAV file/);
  await assert.rejects(
    open(folder, { files: 'wav/a.wav', sidecar: { text: 'txt' } }),
    /a\.?txt of feeder "clips" cannot be read: there is no such file/,
  );
});
