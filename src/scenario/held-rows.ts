import { hasPlaceholder } from '../base/expressions/placeholders.ts';
import { isGenerated, type FeederSpec } from '../data/feeder-schema.ts';
import type { CollectionUse, DriverDefinition } from '../drivers/driver.ts';
import type { StepPlan } from '../iteration/step-schema.ts';
import { collectionUseOf, feederOf } from './collection-use.ts';
import type { ResolvedFlow, ResolvedTrial } from './resolved.ts';

/** What came of the operations of a step in one phase. */
export interface StepCounts {
  readonly attempted: number;
  readonly ok: number;
  readonly items: number;
}

/** What a trial's steps did to the collections of one server. */
export interface StepsRun {
  readonly definitions: ReadonlyMap<string, DriverDefinition>;
  /** Names of the targets that are that server. */
  readonly targets: ReadonlySet<string>;
  /** Of a step of `prepare`. */
  prepared(flow: ResolvedFlow, step: StepPlan): StepCounts;
  /** Of a step of the load, phase by phase; `undefined`: a trial before this one may have run it. */
  readonly loaded: ((flow: ResolvedFlow, step: StepPlan) => readonly StepCounts[]) | undefined;
}

/** Rows of a collection by what the server acknowledged; undefined where that does not tell. */
export interface HeldRows {
  readonly collection: string;
  readonly prepared: number | undefined;
  readonly end: number | undefined;
}

/** The collections that `prepare` makes or fills, and how many rows they hold by the end. */
export function heldRows(trial: ResolvedTrial, run: StepsRun): readonly HeldRows[] {
  const prepare = usesIn(trial.prepare ?? [], run, (flow, step) => [run.prepared(flow, step)]);
  const load = usesIn(trial.flows, run, (flow, step) => run.loaded?.(flow, step));
  const filled = prepare.filter(({ does }) => does === 'makes' || does === 'adds');
  // A name that changes from row to row may be that of any of them.
  const isKnown = [...prepare, ...load].every(({ collection }) => !hasPlaceholder(collection));
  return [...new Set(filled.map(({ collection }) => collection))].map((collection) => {
    const isOf = (use: RanUse): boolean => use.collection === collection;
    const [before, after] = [prepare.filter(isOf), load.filter(isOf)];
    const isEmptyFirst = isKnown && isMadeOnce(before, after);
    const prepared = isEmptyFirst ? sumOfRows(before, trial) : undefined;
    const end = prepared === undefined ? undefined : sumOfRows([...before, ...after], trial);
    return { collection, prepared, end };
  });
}

/** Whether `prepare` makes a collection on these targets, and rows for it. */
export function fillsCollections(
  { prepare = [] }: ResolvedTrial,
  { definitions, targets }: Pick<StepsRun, 'definitions' | 'targets'>,
): boolean {
  const steps = prepare.flatMap((flow) => flow.steps).filter(({ target }) => targets.has(target));
  const done = steps.map((step) => collectionUseOf(step, definitions)?.does);
  return done.includes('makes') && done.includes('adds');
}

/** A step that uses a collection, with what came of it by phase where that is known. */
interface RanUse extends CollectionUse {
  readonly plan: StepPlan;
  readonly counts: readonly StepCounts[] | undefined;
  /** Its items are rows. */
  readonly itemsAreRows: boolean;
}

function usesIn(
  flows: readonly ResolvedFlow[],
  { definitions, targets }: StepsRun,
  countsOf: (flow: ResolvedFlow, step: StepPlan) => readonly StepCounts[] | undefined,
): RanUse[] {
  return flows.flatMap((flow) =>
    flow.steps.flatMap((plan) => {
      const use = targets.has(plan.target) ? collectionUseOf(plan, definitions) : undefined;
      if (use === undefined) return [];
      const { items } = definitions.get(plan.driver)!.verbs[plan.verb]!;
      const itemsAreRows = items !== undefined && plan.items === undefined;
      return [{ ...use, plan, counts: countsOf(flow, plan), itemsAreRows }];
    }),
  );
}

/** First of all, once, and well: nothing was in it before. */
function isMadeOnce(before: readonly RanUse[], after: readonly RanUse[]): boolean {
  const made = [...before, ...after].filter(({ does }) => does === 'makes');
  const [first] = before;
  return made.length === 1 && first?.does === 'makes' && first.counts?.[0]?.ok === 1;
}

/** Added less deleted; undefined where one of them does not tell, or rows may have come twice. */
function sumOfRows(uses: readonly RanUse[], trial: ResolvedTrial): number | undefined {
  const sources = { adds: new Set<string>(), deletes: new Set<string>() };
  let sum = 0;
  for (const use of uses) {
    if (use.does !== 'adds' && use.does !== 'deletes') continue;
    const written = writtenRows(use, trial);
    if (written === undefined) return undefined;
    const { rows, source } = written;
    if (source !== undefined && sources[use.does].has(source)) return undefined;
    if (source !== undefined) sources[use.does].add(source);
    sum += use.does === 'adds' ? rows : -rows;
  }
  return sum;
}

/** What was acknowledged of one step, and the feeder of its ids where they are out of one. */
function writtenRows(
  use: RanUse,
  { data }: ResolvedTrial,
): { readonly rows: number; readonly source?: string } | undefined {
  const ran = use.counts?.filter(({ attempted }) => attempted > 0);
  // Warm-up and measured phase begin with the same rows.
  if (ran === undefined || ran.length > 1 || use.ids === undefined) return undefined;
  const [counts] = ran;
  if (counts === undefined) return { rows: 0 };
  const source = feederOf(use.ids);
  const spec = source === undefined ? undefined : data[source];
  if (use.plan.poll !== undefined || !isEachRowOnce(counts, spec)) return undefined;
  const rows = use.does === 'adds' ? rowsAdded(use, counts) : rowsDeleted(use, counts, spec);
  return rows === undefined ? undefined : { rows, ...(source !== undefined && { source }) };
}

function rowsAdded({ itemsAreRows }: RanUse, { items }: StepCounts): number | undefined {
  return itemsAreRows ? items : undefined;
}

function rowsDeleted(
  { ids }: RanUse,
  { ok }: StepCounts,
  spec: FeederSpec | undefined,
): number | undefined {
  if (Array.isArray(ids)) return ok * ids.length;
  const isOneField = typeof ids === 'string' && /^\{\{\s*\w+\.\w+\s*\}\}$/.test(ids);
  return isOneField && spec !== undefined ? ok * spec.batch : undefined;
}

/** No row can have been drawn twice, as far as can be told without opening anything. */
function isEachRowOnce({ attempted }: StepCounts, spec: FeederSpec | undefined): boolean {
  if (spec === undefined) return attempted === 1;
  const { pick, rows, batch, perVu, where, source } = spec;
  if (perVu === true) return attempted === 1;
  if (pick === 'once') return true;
  if (pick !== 'sequential' && pick !== 'shuffle') return false;
  // What is generated goes on without end where nothing says how many rows there are.
  if (rows === undefined) return isGenerated(source);
  return where === undefined && attempted * batch <= rows;
}
