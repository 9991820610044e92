import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { ExpressionError } from '../base/expressions/expression-error.ts';
import { substituteEnvironment } from '../base/expressions/environment-text.ts';
import type { Finding } from './finding.ts';
import { REDACTED } from './redaction.ts';
import { mapScalars, type Path, type SourceNode, type SourceScalar } from './source/source-node.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts the environment into every text of a trial: `${NAME}`, `${NAME:-default}`. Done after the
 * overrides, so that a variable is only missed where the trial uses it.
 */
export function applyEnvironment<Node extends SourceNode>(
  root: Node,
  environment: Environment,
): { root: Node; findings: Finding[] } {
  const findings: Finding[] = [];
  const changed = mapScalars(root, (scalar, path) => {
    if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar;
    try {
      return substituted(scalar, scalar.value, environment, (name) =>
        findings.push(missingVariable(path, name)),
      );
    } catch (thrown) {
      if (!(thrown instanceof ExpressionError)) throw thrown;
      findings.push({ path, message: thrown.message });
      return scalar;
    }
  });
  return { root: changed as Node, findings };
}

function substituted(
  scalar: SourceScalar,
  written: string,
  environment: Environment,
  missing: (name: string) => void,
): SourceScalar {
  const { text, usedNames, missing: missingNames } = substituteEnvironment(written, environment);
  for (const name of new Set(missingNames)) missing(name);
  const set = usedNames.filter((name) => valueOf(environment, name));
  if (usedNames.length === 0) return { ...scalar, value: text };
  if (set.length === 0) return { ...scalar, value: text, filledIn: true };
  const hidden = { ...environment, ...Object.fromEntries(set.map((name) => [name, REDACTED])) };
  const masked = substituteEnvironment(written, hidden).text;
  const secrets = set.map((name) => valueOf(environment, name));
  return { ...scalar, value: text, filledIn: true, environment: { secrets, masked } };
}

/** Empty where it is unset: an empty value hides nothing. */
function valueOf(environment: Environment, name: string): string {
  return Object.hasOwn(environment, name) ? (environment[name] ?? '') : '';
}

function missingVariable(path: Path, name: string): Finding {
  const error = new LoadgenError('ENVIRONMENT_MISSING', { name, path: path.join('.') });
  return { path, message: error.message, hint: error.hint, hidesOthers: true };
}
