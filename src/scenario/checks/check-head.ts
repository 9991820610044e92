import { outputsSchema, type OutputsSpec } from '../../outputs/outputs-schema.ts';
import type { Scalar } from '../resolved.ts';
import { headShape, reportSchema } from '../schema/scenario-schema.ts';
import { isLaterKey, LATER_MESSAGE } from '../schema/later-words.ts';
import { RUN_ONCE, trialsSchema, type TrialRules } from '../schema/trials-schema.ts';
import { nearestHint } from '../nearest.ts';
import type { Surroundings } from '../surroundings.ts';
import type { TrialTree } from '../trial-tree.ts';
import { nameSchema } from '../schema/names.ts';

/** Sections that other checks read. */
const SECTIONS =
  'targets data prepare steps load flows cleanUp thresholds verdict report outputs trials'.split(
    ' ',
  );
/** Read before there are trials. */
const OVERRIDES = ['extends', 'sweep', 'profiles'];

export interface Head {
  readonly name: string;
  readonly seed: number;
  readonly params: Readonly<Record<string, Scalar>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly formats: readonly string[];
  readonly dialects: readonly string[];
  readonly outputs: OutputsSpec;
  readonly trials: TrialRules;
}

/** The plain keys of a scenario, and keys that it does not have. What is wrong gets its default. */
export function checkHead(
  tree: TrialTree,
  context: { readonly name: string; readonly surroundings: Surroundings },
): Head {
  const known = [...Object.keys(headShape), ...SECTIONS, ...OVERRIDES];
  for (const key of tree.keys([])) {
    if (known.includes(key)) continue;
    const at = { path: [key], atKey: true };
    if (isLaterKey('', key)) tree.add({ ...at, message: LATER_MESSAGE });
    else tree.add({ ...at, message: 'unknown key', hint: nearestHint(key, known)! });
  }
  tree.parse(headShape.version, ['version']);
  const report = tree.parse(reportSchema(context.surroundings.reportFormats), ['report']);
  for (const name of tree.keys(['params'])) tree.checkName(nameSchema, ['params', name]);
  return {
    name: tree.parse(headShape.name, ['name']) ?? context.name,
    seed: tree.parse(headShape.seed, ['seed']) ?? 1,
    params: tree.parse(headShape.params, ['params']) ?? {},
    tags: tree.parse(headShape.tags, ['tags']) ?? {},
    trials: tree.parse(trialsSchema, ['trials']) ?? RUN_ONCE,
    outputs: tree.parse(outputsSchema, ['outputs']) ?? {},
    formats: report?.formats ?? [],
    dialects: report?.dialects ?? [],
  };
}
