import { hasPlaceholder } from '../base/expressions/placeholders.ts';
import { resolveParams } from '../base/expressions/params.ts';
import type { Finding } from './finding.ts';
import type { Scalar } from './resolved.ts';
import {
  mapScalars,
  type Place,
  type SourceMap,
  type SourceNode,
  type SourceScalar,
  type SourceValue,
} from './source/source-node.ts';

/** The constants of a trial, and the same with what came out of the environment hidden. */
export interface TrialParams {
  readonly values: Readonly<Record<string, Scalar>>;
  readonly masked: Readonly<Record<string, Scalar>>;
  readonly secrets: readonly string[];
}

/** Reads `params`; what is no constant is left out, and found by the schema of the section. */
export function readParams(root: SourceMap): TrialParams {
  const node = root.entries.get('params')?.node;
  const values: Record<string, Scalar> = {};
  const masked: Record<string, Scalar> = {};
  const secrets: string[] = [];
  for (const [name, { node: param }] of node?.kind === 'map' ? node.entries : []) {
    if (param.kind !== 'scalar' || param.value === null) continue;
    values[name] = param.value;
    masked[name] = param.environment?.masked ?? param.value;
    secrets.push(...(param.environment?.secrets ?? []));
  }
  return { values, masked, secrets };
}

/**
 * Replaces every text whose `{{ }}` read nothing but params by its value, so that a param can
 * stand where a number, a duration or a list is expected.
 */
export function applyParams(
  root: SourceMap,
  params: TrialParams,
): { root: SourceMap; findings: Finding[] } {
  const findings: Finding[] = [];
  const changed = mapScalars(root, (scalar, path) => {
    if (typeof scalar.value !== 'string' || !hasPlaceholder(scalar.value)) return scalar;
    if (path[0] === 'params') {
      findings.push({ path, message: 'params are constants; {{ }} cannot stand here' });
      return scalar;
    }
    const { value, problems } = resolveParams(scalar.value, params.values);
    findings.push(...problems.map(({ message }) => ({ path, message })));
    return value === scalar.value ? scalar : resolved(scalar, value, params);
  });
  return { root: changed as SourceMap, findings };
}

function resolved(scalar: SourceScalar, value: unknown, params: TrialParams): SourceNode {
  const node = toNode(value, scalar.place);
  if (node.kind !== 'scalar') return node;
  const isHidden = params.secrets.length > 0 || scalar.environment !== undefined;
  if (!isHidden) return { ...node, filledIn: true };
  const template = scalar.environment?.masked ?? String(scalar.value);
  const masked = String(resolveParams(template, params.masked).value);
  const secrets = [...(scalar.environment?.secrets ?? []), ...params.secrets];
  return { ...node, filledIn: true, environment: { secrets, masked } };
}

/** The value of an expression as part of the tree; it stands where its template stood. */
function toNode(value: unknown, place: Place): SourceNode {
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item) => toNode(item, place)), place };
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, member]) => [key, { key: place, node: toNode(member, place) }] as const,
    );
    return { kind: 'map', entries: new Map(entries), place };
  }
  return { kind: 'scalar', value: plainScalar(value), place, quoted: true };
}

function plainScalar(value: unknown): SourceValue {
  if (typeof value === 'bigint') return Number(value);
  const isPlain = typeof value === 'string' || typeof value === 'number';
  return isPlain || typeof value === 'boolean' ? value : null;
}
