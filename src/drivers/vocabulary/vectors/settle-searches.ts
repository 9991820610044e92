import type { SettledStep, StepUse, UseProblem } from '../../driver.ts';
import {
  INDEX_SETTINGS,
  type CreateSpec,
  type IndexSetting,
  type SearchSpec,
  type VectorAbilities,
} from './vector-schemas.ts';

/**
 * For servers that keep with the index what the language says of a search: the collection is made
 * with it, so that a sweep over `ef` makes one for each value, and reads the same for all servers.
 */
export function settleSearches({ searchKeys }: VectorAbilities) {
  const kept = INDEX_SETTINGS.filter((key) => !searchKeys.includes(key));
  return (steps: readonly StepUse[]): readonly SettledStep[] => {
    const settled = steps.map(({ verb, spec }) => {
      return { verb, spec: verb === 'create' ? structuredClone(spec) : spec };
    });
    const collections = settled.flatMap(({ verb, spec }) =>
      verb === 'create' ? [spec as CreateSpec] : [],
    );
    return settled.map(({ verb, spec }): SettledStep => {
      if (verb !== 'search') return { spec, problems: [] };
      const search = spec as SearchSpec;
      const problems = kept.flatMap((key) => moveToIndex(key, search, collections));
      const left = Object.entries(search).filter(([key]) => !kept.includes(key as IndexSetting));
      return { spec: Object.fromEntries(left), problems };
    });
  };
}

/** Sets it where the collections that are searched are made, and says where that cannot be. */
function moveToIndex(
  key: IndexSetting,
  search: SearchSpec,
  collections: readonly CreateSpec[],
): UseProblem[] {
  // Its schema takes whole numbers alone.
  const wanted = search[key] as number | undefined;
  if (wanted === undefined) return [];
  const problem = (why: string): UseProblem[] => [
    { path: [key], message: `this server keeps ${key} with the index, ${why}` },
  ];
  const searched = collections.filter(({ collection }) => collection === search.collection);
  if (searched.length === 0) return problem('and no step of `prepare` makes the collection');
  const other = searched.find(({ index }) => (index[key] ?? wanted) !== wanted);
  if (other !== undefined) return problem(`which is made with ${other.index[key]}`);
  for (const { index } of searched) index[key] = wanted;
  return [];
}
