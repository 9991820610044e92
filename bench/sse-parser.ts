/**
 * The parser of server-sent events alone, on recorded bytes: a chat with vLLM 0.32, again and again,
 * in pieces of several sizes. Prints events a second by size.
 *
 *     node bench/sse-parser.ts SECONDS
 */
import { readFileSync } from 'node:fs';
import { SseParser } from '../src/drivers/wire/sse/sse-parser.ts';

const seconds = Number(process.argv[2]);
const PIECES = [65_536, 4_096];
const RECORDING = readFileSync(new URL('recordings/vllm-chat.sse', import.meta.url));
const ROUNDS = 200;
const bytes = Buffer.concat(Array.from({ length: ROUNDS }, () => RECORDING));

const perSecond = Object.fromEntries(PIECES.map((size) => [size, measure(size)]));
console.log(JSON.stringify(perSecond));

function measure(size: number): number {
  let events = 0;
  const parser = new SseParser(() => events++);
  const once = (): void => {
    parser.begin();
    for (let at = 0; at < bytes.length; at += size) {
      parser.take(bytes, at, Math.min(at + size, bytes.length));
    }
  };
  for (let warm = performance.now() + 500; performance.now() < warm;) once();
  events = 0;
  const fromMs = performance.now();
  while (performance.now() - fromMs < seconds * 1e3) once();
  return events / ((performance.now() - fromMs) / 1e3);
}
