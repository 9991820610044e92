import type { CreateSpec } from './vector-schemas.ts';

/** What of a collection a server can be asked for, in the words of `create`. */
const SETTINGS = [
  'kind',
  'metric',
  'm',
  'efConstruction',
  'ef',
  'lists',
  'nprobe',
  'subvectors',
  'bits',
] as const;

/** What a collection is to be, or what a server says that it is: what it does not tell is missing. */
export type IndexSettings = Readonly<
  Partial<Record<(typeof SETTINGS)[number], string | number | undefined>>
>;

/** What a server told of a collection, for expressions and results. */
export type ToldSettings = Readonly<Record<string, string | number>>;

/** An index that was made: what was asked for, and what the server says that it made. */
export interface MadeIndex {
  readonly asked: IndexSettings;
  readonly kept: IndexSettings;
}

/** The server made the collection otherwise than it was asked to: figures would be of another one. */
export class SettingsNotKept extends Error {
  override readonly name = 'SettingsNotKept';
}

export function settingsAsked({ metric, index }: Pick<CreateSpec, 'metric' | 'index'>) {
  const { body: _unread, ...settings } = index;
  return { metric, ...settings } satisfies IndexSettings;
}

/** Throws SettingsNotKept; what was not asked for, or what the server does not tell, is not compared. */
export function assertKept({ asked, kept }: MadeIndex): void {
  const others = SETTINGS.filter(
    (name) => asked[name] !== undefined && kept[name] !== undefined && asked[name] !== kept[name],
  );
  if (others.length === 0) return;
  const words = others.map((name) => `${name} ${kept[name]}, where ${asked[name]} was asked for`);
  throw new SettingsNotKept(`the server keeps ${words.join(', and ')}`);
}

/** Only what is told, in the order of the words of `create`. */
export function toldSettings(kept: IndexSettings): ToldSettings {
  const told = SETTINGS.map((name) => [name, kept[name]] as const);
  return Object.fromEntries(
    told.filter((pair): pair is [(typeof SETTINGS)[number], string | number] => {
      return pair[1] !== undefined;
    }),
  );
}

/** The word of the language for what a server calls `name`; its own name where there is none. */
export function wordOf<Word extends string>(
  names: Readonly<Partial<Record<Word, string>>>,
  name: string | undefined,
): string | undefined {
  const found = Object.entries(names).find(([, own]) => own === name);
  return found?.[0] ?? name;
}
