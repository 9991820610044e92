/** One line of a page of metrics. */
export interface PrometheusSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** As its `# TYPE` line says; of a histogram or summary its parts have the type of the whole. */
  readonly type: PrometheusType;
}

export type PrometheusType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

export interface PrometheusPage {
  readonly samples: readonly PrometheusSample[];
  /** Lines that are neither a sample nor a comment. */
  readonly rejectedLines: number;
}

const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/** What the samples of a histogram or summary have behind the name of their family. */
const PART = /_(?:bucket|sum|count)$/;

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const TYPE_LINE = new RegExp(`^#[ \\t]+TYPE[ \\t]+(${NAME})[ \\t]+(\\w+)[ \\t]*$`);
const NAME_AT_START = new RegExp(`^${NAME}`);
const LABEL = /^[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\.)*)"[ \t]*(,?)/;
const REST = /^[ \t]*([^ \t]+)(?:[ \t]+(-?\d+))?[ \t]*$/;

/**
 * Prometheus' text format, version 0.0.4
 * (github.com/prometheus/docs, content/docs/instrumenting/exposition_formats.md). Strict: what is
 * not of that form is left out and counted, so that a page of something else has no samples.
 */
export function parsePrometheusText(text: string): PrometheusPage {
  const types = new Map<string, PrometheusType>();
  const samples: PrometheusSample[] = [];
  let rejectedLines = 0;
  for (const line of text.split('\n')) {
    const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (trimmed.trim() === '') continue;
    if (trimmed.startsWith('#')) {
      const [, name, type] = TYPE_LINE.exec(trimmed) ?? [];
      if (name !== undefined && TYPES.has(type!)) types.set(name, type as PrometheusType);
      continue;
    }
    const sample = parseSample(trimmed, types);
    if (sample === undefined) rejectedLines++;
    else samples.push(sample);
  }
  return { samples, rejectedLines };
}

function parseSample(
  line: string,
  types: ReadonlyMap<string, PrometheusType>,
): PrometheusSample | undefined {
  const name = NAME_AT_START.exec(line)?.[0];
  if (name === undefined) return undefined;
  const read = parseLabels(line.slice(name.length));
  if (read === undefined) return undefined;
  const [, number] = REST.exec(read.rest) ?? [];
  const value = number === undefined ? undefined : parseNumber(number);
  if (value === undefined) return undefined;
  const type = types.get(name) ?? types.get(name.replace(PART, '')) ?? 'untyped';
  return { name, labels: read.labels, value, type };
}

function parseLabels(
  text: string,
): { readonly labels: Record<string, string>; readonly rest: string } | undefined {
  const labels: Record<string, string> = {};
  const open = /^[ \t]*\{/.exec(text);
  if (open === null) return { labels, rest: text };
  let rest = text.slice(open[0].length);
  for (;;) {
    const close = /^[ \t]*\}/.exec(rest);
    if (close !== null) return { labels, rest: rest.slice(close[0].length) };
    const label = LABEL.exec(rest);
    if (label === null) return undefined;
    const [whole, name, value, comma] = label;
    labels[name!] = unescaped(value!);
    rest = rest.slice(whole.length);
    // Between two labels there is a comma; one behind the last is allowed.
    if (comma === '' && !/^[ \t]*\}/.test(rest)) return undefined;
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  Inf: Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

/** As Go's ParseFloat reads it, without the hexadecimal forms, which nobody writes. */
function parseNumber(text: string): number | undefined {
  if (Object.hasOwn(SPECIAL, text)) return SPECIAL[text];
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
