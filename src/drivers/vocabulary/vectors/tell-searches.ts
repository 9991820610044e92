import type { SettledStep, StepUse, UseProblem } from '../../driver.ts';
import {
  INDEX_SETTINGS,
  type CreateSpec,
  type IndexSetting,
  type SearchSpec,
} from './vector-schemas.ts';

/**
 * For servers that are told with each search how hard to look and keep nothing of it with the
 * index: searches that say nothing are told what their collection is made with, so that a scenario
 * which says it there means the same for all servers.
 */
export function tellSearches(steps: readonly StepUse[]): readonly SettledStep[] {
  const made = steps.flatMap(({ verb, spec }) => (verb === 'create' ? [spec as CreateSpec] : []));
  return steps.map(({ verb, spec }): SettledStep => {
    if (verb === 'create') return { spec: withoutSettings(spec as CreateSpec), problems: [] };
    if (verb !== 'search') return { spec, problems: [] };
    const search = spec as SearchSpec;
    const searched = made.filter(({ collection }) => collection === search.collection);
    const told = INDEX_SETTINGS.map((key) => settingOf(key, search, searched));
    return {
      spec: { ...search, ...Object.assign({}, ...told.map(({ setting }) => setting)) },
      problems: told.flatMap(({ problems }) => problems),
    };
  });
}

interface Told {
  readonly setting: Readonly<Partial<Record<IndexSetting, number>>>;
  readonly problems: readonly UseProblem[];
}

function settingOf(key: IndexSetting, search: SearchSpec, made: readonly CreateSpec[]): Told {
  const values = made.flatMap(({ index }) => index[key] ?? []);
  const [value, other] = new Set(values);
  if (search[key] !== undefined || value === undefined) return { setting: {}, problems: [] };
  if (other === undefined) return { setting: { [key]: value }, problems: [] };
  const message = `its collection is made with ${key} ${value} and with ${other}, and this server is told with each search`;
  return { setting: {}, problems: [{ path: [], message }] };
}

/** The same for all of them: a sweep over it makes the collection once. */
function withoutSettings(spec: CreateSpec): CreateSpec {
  const left = Object.entries(spec.index).filter(
    ([name]) => !INDEX_SETTINGS.includes(name as IndexSetting),
  );
  return { ...spec, index: Object.fromEntries(left) as CreateSpec['index'] };
}
