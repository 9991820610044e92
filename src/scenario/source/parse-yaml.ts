import {
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { isForbiddenKey, type Place, type SourceEntry, type SourceNode } from './source-node.ts';

/** Values a scenario may hold once its aliases are written out. Big data belongs in data files. */
export const MAX_SOURCE_VALUES = 100_000;
/** Levels of nesting; the deepest scenario of the documentation has nine. */
export const MAX_SOURCE_DEPTH = 64;

/** A problem of the text itself, before anything is known about scenarios. */
export interface TextProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
}

export interface ParsedText {
  /** Undefined when the text is empty or cannot be read as YAML at all. */
  readonly root: SourceNode | undefined;
  readonly problems: readonly TextProblem[];
}

const QUOTE_HINT = 'Put the whole value in quotes: "{{ … }}".';

/** The syntax errors that people make, in words that need no YAML specification. */
const EXPLANATIONS: Partial<Record<string, { message: string; hint?: string }>> = {
  TAB_AS_INDENT: { message: 'a tab as indentation', hint: 'YAML is indented with spaces.' },
  DUPLICATE_KEY: { message: 'this key stands here twice', hint: 'Keep one of the two.' },
  MULTIPLE_DOCS: { message: 'a second YAML document; a scenario file holds one' },
  TAG_RESOLVE_FAILED: { message: 'a YAML tag (!…); scenarios have none' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second ": " on one line',
    hint: 'Put a value that holds ": " in quotes, or start a nested map on its own line.',
  },
};

/** YAML 1.2 (core schema) as a tree that knows where everything stands. */
export function parseYaml(text: string): ParsedText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const syntax = syntaxProblems(document, text, lines);
  if (syntax.length > 0) return { root: undefined, problems: syntax };
  const builder = new TreeBuilder(text, lines);
  const root = document.contents === null ? undefined : builder.build(document.contents);
  return { root: builder.overflowed ? undefined : root, problems: builder.problems };
}

/** One problem a line: what follows a syntax error on its own line is its echo. */
function syntaxProblems(document: Document, text: string, lines: LineCounter): TextProblem[] {
  const exhausted = document.errors.find((error) => error.code === 'RESOURCE_EXHAUSTION');
  if (exhausted) return [{ ...position(lines, exhausted.pos[0]), message: 'nested too deeply' }];
  const byLine = new Map<number, TextProblem>();
  for (const error of [...document.errors, ...document.warnings]) {
    const place = position(lines, error.pos[0]);
    if (!byLine.has(place.line)) byLine.set(place.line, explain(error, place, text));
  }
  const version = document.directives?.yaml;
  if (version?.explicit === true && version.version !== '1.2') {
    byLine.set(1, { line: 1, column: 1, message: 'expected YAML 1.2, found a %YAML directive' });
  }
  return [...byLine.values()];
}

function explain(error: YAMLError, place: Place, text: string): TextProblem {
  const line = text.split('\n', place.line)[place.line - 1] ?? '';
  const template = unquotedTemplate(line);
  if (template !== undefined) return unquotedTemplateProblem({ ...place, column: template + 1 });
  const known = EXPLANATIONS[error.code];
  if (known !== undefined) return { ...place, ...known };
  return { ...place, message: `not valid YAML: ${firstSentence(error.message)}`, ...hintFor(line) };
}

function hintFor(line: string): { hint?: string } {
  if (/[{[,].*\$\{/.test(line)) return { hint: 'Inside { } and [ ], put "${NAME}" in quotes.' };
  return {};
}

function firstSentence(message: string): string {
  const [first = message] = message.split(/[;\n]/, 1);
  return first.charAt(0).toLowerCase() + first.slice(1);
}

function unquotedTemplateProblem(place: Place): TextProblem {
  return { ...place, message: 'an unquoted {{, which YAML reads as a map', hint: QUOTE_HINT };
}

/** The index of the first `{{` of a line that stands outside quotes and comments. */
function unquotedTemplate(line: string): number | undefined {
  let quote: string | undefined;
  for (let index = 0; index < line.length; index++) {
    const character = line[index]!;
    if (quote === '"' && character === '\\') index++;
    else if (quote !== undefined) quote = character === quote ? undefined : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '#' && /^$|\s/.test(line[index - 1] ?? '')) return undefined;
    else if (line.startsWith('{{', index)) return index;
  }
  return undefined;
}

function position(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

const PLAIN_TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq']);

class TreeBuilder {
  readonly problems: TextProblem[] = [];
  overflowed = false;
  private readonly text: string;
  private readonly lines: LineCounter;
  private readonly built = new Map<Node, { node: SourceNode; size: number }>();
  private readonly open = new Set<Node>();
  /** Filled in document order: an alias means the anchor that stands last before it. */
  private readonly anchors = new Map<string, Node>();

  constructor(text: string, lines: LineCounter) {
    this.text = text;
    this.lines = lines;
  }

  build(contents: Node): SourceNode | undefined {
    return this.convert(contents, 0)?.node;
  }

  private convert(node: Node, depth: number): { node: SourceNode; size: number } | undefined {
    const known = this.built.get(node);
    if (known !== undefined) return known;
    const place = this.place(node);
    if (depth > MAX_SOURCE_DEPTH) return this.overflow(place, 'nested too deeply');
    if (isAlias(node)) return this.convertAlias(node, depth, place);
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node);
    this.open.add(node);
    const converted = this.convertWritten(node, depth, place);
    this.open.delete(node);
    if (converted === undefined) return undefined;
    this.built.set(node, converted);
    return converted;
  }

  /** An alias is the same subtree again; what it would take written out counts every time. */
  private convertAlias(alias: Node & { source: string }, depth: number, place: Place) {
    const target = this.anchors.get(alias.source);
    if (target === undefined) {
      this.problems.push({
        ...place,
        message: `the alias *${alias.source} has no anchor above it`,
      });
      return this.scalar(null, place, false);
    }
    if (this.open.has(target)) return this.overflow(place, 'an alias inside its own anchor');
    return this.convert(target, depth);
  }

  private convertWritten(node: Node, depth: number, place: Place) {
    if (node.tag !== undefined) this.checkTag(node.tag, place);
    if (isScalar(node)) {
      const quoted = node.type !== undefined && node.type !== 'PLAIN';
      return this.scalar(this.scalarValue(node.value, node.source), place, quoted);
    }
    return isMap(node)
      ? this.convertMap(node as YAMLMap<Node, Node | null>, depth, place)
      : this.convertList(node as YAMLSeq<Node>, depth, place);
  }

  private convertMap(map: YAMLMap<Node, Node | null>, depth: number, place: Place) {
    const entries = new Map<string, SourceEntry>();
    let size = 1;
    for (const { key, value } of map.items) {
      const keyPlace = key === null ? place : this.place(key);
      const name = this.keyName(key, keyPlace);
      if (name === undefined) continue;
      const child =
        value === null ? this.scalar(null, keyPlace, false) : this.convert(value, depth + 1);
      if (child === undefined) return undefined;
      size += child.size;
      if (size > MAX_SOURCE_VALUES) return this.tooManyValues(keyPlace);
      entries.set(name, { key: keyPlace, node: child.node });
    }
    return { node: { kind: 'map', entries, place } as SourceNode, size };
  }

  private convertList(list: YAMLSeq<Node>, depth: number, place: Place) {
    const items: SourceNode[] = [];
    let size = 1;
    for (const item of list.items) {
      const child = this.convert(item, depth + 1);
      if (child === undefined) return undefined;
      size += child.size;
      if (size > MAX_SOURCE_VALUES) return this.tooManyValues(place);
      items.push(child.node);
    }
    return { node: { kind: 'list', items, place } as SourceNode, size };
  }

  private keyName(key: Node | null, place: Place): string | undefined {
    const written = isAlias(key) ? this.anchors.get(key.source) : key;
    if (isScalar(written) && written.anchor !== undefined) {
      this.anchors.set(written.anchor, written);
    }
    if (!isScalar(written)) {
      this.problems.push(
        this.startsTemplate(key)
          ? unquotedTemplateProblem(place)
          : { ...place, message: 'a map or list as a key; keys are texts' },
      );
      return undefined;
    }
    const name = String(this.scalarValue(written.value, written.source) ?? written.source);
    if (!isForbiddenKey(name)) return name;
    this.problems.push({ ...place, message: `the key ${name} cannot be used` });
    return undefined;
  }

  /** `{{ x }}` without quotes is, to YAML, a map that has a map as its key. */
  private startsTemplate(key: Node | null): boolean {
    const start = key?.range?.[0];
    return start !== undefined && start > 0 && this.text.slice(start - 1, start + 1) === '{{';
  }

  private scalarValue(
    value: unknown,
    source: string | undefined,
  ): string | number | boolean | null {
    if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
    return typeof value === 'string' ? value : (source ?? '');
  }

  private scalar(value: string | number | boolean | null, place: Place, quoted: boolean) {
    return { node: { kind: 'scalar', value, place, quoted } as SourceNode, size: 1 };
  }

  private checkTag(tag: string, place: Place): void {
    if (PLAIN_TAGS.has(tag.replace('tag:yaml.org,2002:', ''))) return;
    this.problems.push({ ...place, message: 'a YAML tag (!…); scenarios have none' });
  }

  private tooManyValues(place: Place): undefined {
    const message = `more than ${MAX_SOURCE_VALUES} values once its aliases are written out`;
    return this.overflow(place, message);
  }

  private overflow(place: Place, message: string): undefined {
    if (!this.overflowed) this.problems.push({ ...place, message });
    this.overflowed = true;
    return undefined;
  }

  private place(node: Node): Place {
    return position(this.lines, node.range?.[0] ?? 0);
  }
}
