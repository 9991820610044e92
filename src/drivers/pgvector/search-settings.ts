import type { VerbUse } from '../driver.ts';
import { hasPlaceholder } from '../../base/expressions/placeholders.ts';
import type { SearchSettings } from '../vocabulary/vectors/vector-calls.ts';
import type { SearchSpec } from '../vocabulary/vectors/vector-schemas.ts';
import { SEARCH_SETTINGS, type SearchKey } from './pgvector-sql.ts';

const KEYS = Object.keys(SEARCH_SETTINGS) as readonly SearchKey[];

/**
 * `ef` and `nprobe` belong to a session of PostgreSQL. Where all searches of a target have the same
 * one, sessions begin with it; else each search says it in front, which costs a statement.
 */
export class SessionSettings {
  readonly #asked = new Map<SearchKey, Set<number | string | undefined>>(
    KEYS.map((key) => [key, new Set()]),
  );

  /** Takes note of a search that was compiled; all are, before the first session is opened. */
  add({ spec }: VerbUse): void {
    const search = spec as SearchSpec;
    for (const key of KEYS) this.#asked.get(key)!.add(search[key]);
  }

  /** Settings that every session begins with. */
  get ofAll(): Readonly<Record<string, string>> {
    const same = KEYS.filter((key) => this.#isSame(key)).flatMap((key) => {
      const [value] = this.#asked.get(key)!;
      return value === undefined ? [] : [[SEARCH_SETTINGS[key].name, String(value)] as const];
    });
    return Object.fromEntries(same);
  }

  /** What one search has to say in front: names and values. */
  ofOne(settings: SearchSettings): readonly (readonly [name: string, value: string])[] {
    return KEYS.filter((key) => !this.#isSame(key)).map((key) => {
      const { name, fallback } = SEARCH_SETTINGS[key];
      return [name, String(settings[key] ?? fallback)] as const;
    });
  }

  #isSame(key: SearchKey): boolean {
    const [value, ...others] = this.#asked.get(key)!;
    return others.length === 0 && !(typeof value === 'string' && hasPlaceholder(value));
  }
}
