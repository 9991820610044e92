import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { type Instant, nanosecondsBetween, parseInstant } from '../../base/time/instant.ts';
import { type Feeder, openFeeder } from '../../data/feeder.ts';
import type { FeederSpec } from '../../data/feeder-schema.ts';
import type { TraceSource } from '../../load/executors/arrival-trace.ts';
import type { Load } from '../../load/executors/load-schema.ts';
import { type TraceRow, traceTimes } from '../../load/pacing/trace-curve.ts';
import { nearestHint } from '../nearest.ts';
import { shown } from '../schema/issue-text.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';
import type { TrialData } from './resolve-data.ts';

/** Orders in which row i is what iteration i reads. */
const IN_ORDER: readonly string[] = ['sequential', 'once'];

interface TraceContext {
  readonly data: TrialData;
  readonly seed: number;
  readonly baseFolder: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Where the load stands. */
  readonly path: Path;
}

/**
 * The load with the times of its trace, where it follows one; undefined when the trace is not
 * right. Another load as it is.
 */
export async function resolveTrace(
  tree: TrialTree,
  load: Load | undefined,
  context: TraceContext,
): Promise<Load | undefined> {
  if (load?.executor !== 'arrival-trace') return load;
  const { trace } = load;
  const path = [...context.path, 'trace'];
  const spec = traceFeeder(tree, trace, { data: context.data, path });
  if (spec === undefined) return undefined;
  const params = (tree.value(['params']) ?? {}) as NonNullable<TraceContext['params']>;
  const feeder = await openTrace(trace.data, spec, { ...context, params });
  if (feeder === undefined) return undefined;
  if (!Number.isFinite(feeder.rowCount)) {
    const message = `${trace.data} goes on without end; give it \`rows\``;
    tree.add({ path: [...path, 'data'], message });
    return undefined;
  }
  const rows = readRows(tree, feeder, { ...trace, path });
  if (rows === undefined) return undefined;
  const { speed, keep } = trace;
  const times = traceTimes(rows, { seed: context.seed, feeder: trace.data, speed, keep });
  if (times.rows.length > 0) return { ...load, times };
  const message = `keeps none of the ${rows.length} rows of ${trace.data}`;
  tree.add({ path: [...path, 'keep'], message });
  return undefined;
}

/** The feeder that is named, if arrival i can use its row i. */
function traceFeeder(
  tree: TrialTree,
  { data: name, at, session }: TraceSource,
  { data, path: place }: { readonly data: TrialData; readonly path: Path },
): FeederSpec | undefined {
  const path = [...place, 'data'];
  const known = tree.keys(['data']);
  if (!known.includes(name)) {
    const hint = nearestHint(name, known);
    const message = `there is no feeder called ${shown(name)}`;
    tree.add({ path, message, ...(hint !== undefined && { hint }) });
    return undefined;
  }
  const spec = data.specs[name];
  if (spec !== undefined && (!IN_ORDER.includes(spec.pick) || spec.batch > 1)) {
    const message = `arrival i uses row i of ${name}, which needs pick: sequential and batch: 1`;
    tree.add({ path, message });
    return undefined;
  }
  const fields = data.fields[name];
  const asked = [
    ['at', at] as const,
    ...(session === undefined ? [] : [['session', session] as const]),
  ];
  const strange = asked.filter(([, field]) => fields !== 'any' && !fields?.includes(field));
  for (const [key, field] of strange) {
    const hint = nearestHint(field, fields as readonly string[]);
    const message = `${shown(field)} is no field of ${name}`;
    tree.add({ path: [...place, key], message, ...(hint !== undefined && { hint }) });
  }
  return strange.length > 0 ? undefined : spec;
}

/** Undefined where it does not open, which is said of the feeder itself. */
async function openTrace(
  name: string,
  spec: FeederSpec,
  context: TraceContext,
): Promise<Feeder | undefined> {
  try {
    const { data, seed, baseFolder, params = {} } = context;
    const opening = { seed, baseFolder, params, data: data.specs, exact: 'leave-out' } as const;
    return await openFeeder(name, spec, opening);
  } catch (thrown) {
    if (thrown instanceof LoadgenError) return undefined;
    throw thrown;
  }
}

function readRows(
  tree: TrialTree,
  feeder: Feeder,
  { at, unitSeconds, session, path }: TraceSource & { readonly path: Path },
): TraceRow[] | undefined {
  const rows: TraceRow[] = [];
  let first: Instant | undefined;
  let lastNs = 0;
  for (let index = 0; index < feeder.rowCount; index++) {
    const row = feeder.row(index);
    const instant = parseInstant(row[at], unitSeconds);
    const offsetNs = instant && nanosecondsBetween((first ??= instant), instant);
    const wrong = whatIsWrong(row[at], { instant, first, isEarlier: offsetNs! < lastNs });
    if (wrong !== undefined) {
      const message = `row ${feeder.rowNumber(index)} of ${feeder.name}: ${wrong}`;
      tree.add({ path: [...path, 'at'], message });
      return undefined;
    }
    lastNs = offsetNs!;
    rows.push({
      offsetNs: lastNs,
      session: session === undefined ? `${index}` : sessionOf(row[session]),
    });
  }
  return rows;
}

function sessionOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function whatIsWrong(
  value: unknown,
  {
    instant,
    first,
    isEarlier,
  }: { instant?: Instant | undefined; first?: Instant | undefined; isEarlier: boolean },
): string | undefined {
  if (instant === undefined) {
    return `expected a number of seconds, a duration or a date with its time, found ${shown(value)}`;
  }
  if (instant.kind !== first?.kind) return `${shown(value)} is not told as the first row tells it`;
  return isEarlier ? `${shown(value)} is before the row above it; sort the rows by it` : undefined;
}
