import type { ZodType } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import type { Finding } from './finding.ts';
import type { Problem } from './problem.ts';
import { hideSecrets, redact, REDACTED } from './redaction.ts';
import { typedValue } from './schema/filled-in-values.ts';
import { issueText } from './schema/issue-text.ts';
import { schemaFindings } from './schema/schema-findings.ts';
import {
  formatPath,
  nodeAt,
  type Path,
  placeAt,
  type SourceMap,
  type SourceNode,
  toValue,
} from './source/source-node.ts';

const LONGEST_TEXT = 900;

/**
 * One trial as written, with overrides, environment and params in. Everything that is wrong with
 * it is collected here and comes out as problems with their places.
 */
export class TrialTree {
  readonly root: SourceMap;
  /** The same without what must not be shown. */
  readonly #shown: SourceNode;
  readonly #secrets: readonly string[];
  readonly #findings: Finding[] = [];

  constructor(root: SourceMap) {
    this.root = root;
    const redaction = redact(root);
    this.#shown = redaction.root;
    this.#secrets = redaction.secrets;
  }

  has(path: Path): boolean {
    return nodeAt(this.root, path) !== undefined;
  }

  isMap(path: Path): boolean {
    return nodeAt(this.root, path)?.kind === 'map';
  }

  isList(path: Path): boolean {
    return nodeAt(this.root, path)?.kind === 'list';
  }

  /** The keys of the map at `path`; none where there is no map. */
  keys(path: Path): string[] {
    const node = nodeAt(this.root, path);
    return node?.kind === 'map' ? [...node.entries.keys()] : [];
  }

  /** How many items the list at `path` has; 0 where there is no list. */
  length(path: Path): number {
    const node = nodeAt(this.root, path);
    return node?.kind === 'list' ? node.items.length : 0;
  }

  /**
   * The value at `path` as its schema parses it; undefined when it is not right, with findings.
   * `without` leaves out keys of a map that another schema looks at.
   */
  parse<Output>(
    schema: ZodType<Output>,
    path: Path,
    without: readonly string[] = [],
  ): Output | undefined {
    const node = withoutKeys(nodeAt(this.root, path), without);
    const shown = withoutKeys(nodeAt(this.#shown, path), without);
    const value = node === undefined ? undefined : typedValue(node, schema);
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const display = shown === undefined ? undefined : toValue(shown);
    const refused = {
      schema: schema as $ZodType,
      value,
      display,
      at: path,
      dotted: this.name(path),
    };
    this.add(...schemaFindings(parsed.error.issues as never, refused));
    return undefined;
  }

  /** What `parse` would give, without a word where it is not right. */
  peek<Output>(schema: ZodType<Output>, path: Path): Output | undefined {
    const node = nodeAt(this.root, path);
    return node === undefined ? undefined : schema.safeParse(typedValue(node, schema)).data;
  }

  /** The value at `path` as it stands. */
  value(path: Path): unknown {
    const node = nodeAt(this.root, path);
    return node === undefined ? undefined : toValue(node);
  }

  /** Checks the last key of `path`, a name that the user gave. */
  checkName(schema: ZodType<string>, path: Path): void {
    const name = path.at(-1);
    const parsed = schema.safeParse(name);
    if (parsed.success) return;
    const [issue] = parsed.error.issues;
    this.add({ path, atKey: true, message: issueText(issue as never, name) });
  }

  add(...findings: readonly Finding[]): void {
    this.#findings.push(...findings);
  }

  /** A text at `path` as it may be shown. */
  shownText(path: Path): string {
    const node = nodeAt(this.#shown, path);
    return node?.kind === 'scalar' ? String(node.value) : REDACTED;
  }

  /** The path as messages name it. */
  name(path: Path): string {
    return formatPath(this.root, path);
  }

  problems(file: string): Problem[] {
    const hiding = this.#findings.filter(({ hidesOthers }) => hidesOthers);
    const hidden = new Set(hiding.map(({ path }) => this.name(path)));
    const told = this.#findings.filter(
      (finding) => finding.hidesOthers === true || !hidden.has(this.name(finding.path)),
    );
    return told.map((finding) => {
      const place = placeAt(this.root, finding.path, finding.atKey);
      const hide = (text: string) => shortened(hideSecrets(text, this.#secrets));
      return {
        severity: finding.severity ?? 'error',
        file: place.file ?? file,
        line: place.line,
        column: place.column,
        path: this.name(finding.path),
        message: hide(finding.message),
        ...(finding.hint !== undefined && { hint: hide(finding.hint) }),
        ...(place.override !== undefined && { override: place.override }),
      };
    });
  }
}

/** Names that a user wrote may have any length, and stand in messages. */
function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

function withoutKeys(
  node: SourceNode | undefined,
  keys: readonly string[],
): SourceNode | undefined {
  if (node?.kind !== 'map' || keys.length === 0) return node;
  const entries = new Map([...node.entries].filter(([key]) => !keys.includes(key)));
  return { ...node, entries };
}
