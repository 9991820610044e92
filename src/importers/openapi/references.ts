import type { Notes } from '../notes.ts';
import { isMap, mapOf, type JsonMap } from './read-document.ts';

/** References that lead to references: more than this is a circle. */
const MAX_HOPS = 20;

/** Follows `$ref` inside the document; those to other files are said and not followed. */
export class References {
  readonly #document: JsonMap;
  readonly #notes: Notes;

  constructor(document: JsonMap, notes: Notes) {
    this.#document = document;
    this.#notes = notes;
  }

  /** The map that stands there, or that the reference there leads to; empty where there is none. */
  follow(value: unknown): JsonMap {
    let at = value;
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const map = mapOf(at);
      const reference = map['$ref'];
      if (typeof reference !== 'string') return map;
      at = this.#at(reference);
      // What stands beside a reference in 3.1 holds too.
      if (isMap(at)) {
        const { $ref: _, ...beside } = map;
        at = { ...at, ...beside };
      }
    }
    this.#notes.add('A $ref that leads back to itself was left open.');
    return {};
  }

  #at(reference: string): unknown {
    if (!reference.startsWith('#/')) {
      this.#notes.add(`The reference ${reference} leads out of the document and is not followed.`);
      return {};
    }
    let at: unknown = this.#document;
    for (const step of reference.slice(2).split('/')) {
      const key = unescaped(step);
      if (Array.isArray(at)) at = at[Number(key)];
      else at = isMap(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    }
    if (at === undefined) this.#notes.add(`The reference ${reference} leads nowhere.`);
    return at;
  }
}

/** RFC 6901, after the percent-encoding of a URL. */
function unescaped(step: string): string {
  let text = step;
  try {
    text = decodeURIComponent(step);
  } catch {
    // As it is.
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}
