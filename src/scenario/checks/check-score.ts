import type { VerbDefinition } from '../../drivers/driver.ts';
import { SCORER_NAMES, scorerOf } from '../../measure/quality/scorers.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';

/** `score` of the step at `step`: scorers that there are, and answers that they can look at. */
export function checkScore(
  tree: TrialTree,
  step: Path,
  of: { readonly verb: string; readonly definition: VerbDefinition | undefined } | undefined,
): void {
  for (const name of tree.keys([...step, 'score'])) {
    const path = [...step, 'score', name];
    const scorer = scorerOf(name);
    if (scorer === undefined) {
      const hint = `known: ${SCORER_NAMES.join(', ')}`;
      tree.add({ path, atKey: true, message: 'there is no such scorer', hint });
    } else if (of?.definition && !Object.hasOwn(of.definition.resultFields, scorer.answerField)) {
      const message = `${name} looks at \`${scorer.answerField}\` of an answer, which ${of.verb} does not give`;
      tree.add({ path, atKey: true, message });
    }
  }
}
