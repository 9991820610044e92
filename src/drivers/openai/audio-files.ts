import { closeSync, openSync, readSync } from 'node:fs';
import { flacSeconds } from '../../data/flac-seconds.ts';
import { WAVE_HEAD_BYTES, waveSeconds } from '../../data/wave-seconds.ts';

/** Files whose lengths are remembered. */
const KNOWN_LENGTHS_LIMIT = 65_536;

/** How long the sound files are that requests of one target send. */
export class AudioFiles {
  readonly #pathOf: (path: string) => string;
  readonly #seconds = new Map<string, number>();
  readonly #head = Buffer.alloc(WAVE_HEAD_BYTES);

  /** `pathOf` makes paths of a scenario absolute. */
  constructor(pathOf: (path: string) => string) {
    this.#pathOf = pathOf;
  }

  /** Looked up once, in the head of the file; NaN where that does not say. */
  secondsOf(path: string): number {
    const known = this.#seconds.get(path);
    if (known !== undefined) return known;
    const head = this.#headOf(path);
    const seconds = waveSeconds(head) ?? flacSeconds(head) ?? Number.NaN;
    if (this.#seconds.size >= KNOWN_LENGTHS_LIMIT) this.#seconds.clear();
    this.#seconds.set(path, seconds);
    return seconds;
  }

  #headOf(path: string): Buffer {
    const descriptor = openSync(this.#pathOf(path), 'r');
    try {
      return this.#head.subarray(0, readSync(descriptor, this.#head, 0, WAVE_HEAD_BYTES, 0));
    } finally {
      closeSync(descriptor);
    }
  }
}
