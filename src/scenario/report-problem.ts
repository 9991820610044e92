import type { Finding } from './finding.ts';
import type { Problem } from './problem.ts';
import { hideSecrets } from './redaction.ts';
import { formatPath, placeAt, type SourceNode } from './source/source-node.ts';

/** Gives a finding its place in the file, and hides what must not be shown. */
export function reportProblem(
  finding: Finding,
  tree: { readonly file: string; readonly root: SourceNode; readonly secrets: readonly string[] },
): Problem {
  const place = placeAt(tree.root, finding.path, finding.atKey);
  const hide = (text: string) => hideSecrets(text, tree.secrets);
  return {
    severity: finding.severity ?? 'error',
    file: tree.file,
    line: place.line,
    column: place.column,
    path: formatPath(tree.root, finding.path),
    message: hide(finding.message),
    ...(finding.hint !== undefined && { hint: hide(finding.hint) }),
    ...(place.override !== undefined && { override: place.override }),
  };
}
