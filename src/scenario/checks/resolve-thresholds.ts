import { z } from 'zod';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { stageSpans } from '../../load/executors/stage-spans.ts';
import { modelOf } from '../../load/executors/registry.ts';
import type { Tags } from '../../measure/metrics/metric-source.ts';
import { SURROUNDING_PHASES, type SurroundingPhase } from '../../measure/metrics/outcome.ts';
import { matches } from '../../measure/metrics/series-key.ts';
import {
  layoutSeries,
  type Series,
  type SeriesLayout,
} from '../../measure/metrics/series-layout.ts';
import { SERVER_DISK } from '../../measure/monitors/disk-source.ts';
import { PROCESS_METRICS } from '../../measure/monitors/process-source.ts';
import {
  isJudgedApart,
  surroundingPhaseOf,
  withinItsPart,
} from '../../measure/thresholds/judged-apart.ts';
import { checkThreshold, type ThresholdFinding } from '../../measure/thresholds/check-threshold.ts';
import { catalogueOf, type MetricCatalogue } from '../../measure/thresholds/metric-catalogue.ts';
import { appliesTo, type Axes } from '../../measure/thresholds/swept-axes.ts';
import { thresholdSchema, type ThresholdSpec } from '../../measure/thresholds/threshold-schema.ts';
import { verdictRuleSchema, type VerdictRule } from '../../measure/validity/verdict-rule-schema.ts';
import type { Load } from '../../load/executors/load-schema.ts';
import { nearestHint } from '../nearest.ts';
import type { ResolvedTarget } from '../resolved.ts';
import type { StepLane } from './resolve-steps.ts';
import { shown } from '../schema/issue-text.ts';
import { scorePlansOf, scoreSeries } from '../score-plan.ts';
import { seriesPlanOf } from '../series-plan.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';

/** The section `thresholds`. */
export const thresholdsSchema = z
  .array(thresholdSchema)
  .default([])
  .meta({ description: 'What must hold for the run to pass; one failing makes exit code 99.' });

/** The section `verdict`. */
export const verdictSchema = z.array(verdictRuleSchema).default([]).meta({
  inWords: 'list of thresholds',
  description:
    'Rules on the generator itself, beside those built in: one failing makes the run SUSPECT, or INVALID where it says `invalid: true`.',
});

/** A threshold and where it stands. */
interface Placed {
  readonly path: Path;
  readonly spec: ThresholdSpec;
}

/** The same of a rule of the verdict. */
type PlacedRule = Placed & VerdictRule;

/** `thresholds`: each item parsed on its own, so that one mistake does not hide another. */
export function parseThresholds(tree: TrialTree): Placed[] {
  const path = ['thresholds'];
  if (!tree.has(path)) return [];
  const count = tree.length(path);
  if (count === 0) tree.parse(thresholdsSchema, path);
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const spec = tree.parse(thresholdSchema, [...path, index]);
    return spec === undefined ? [] : [{ path: [...path, index], spec }];
  });
}

/** `verdict`, in the same way. */
export function parseVerdictRules(tree: TrialTree): PlacedRule[] {
  const path = ['verdict'];
  if (!tree.has(path)) return [];
  const count = tree.length(path);
  if (count === 0) tree.parse(verdictSchema, path);
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const rule = tree.parse(verdictRuleSchema, [...path, index]);
    return rule === undefined ? [] : [{ path: [...path, index], ...rule }];
  });
}

/** A flow as far as its series and samples go. */
export interface MeasuredFlow {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly steps: readonly StepLane[];
  /** Undefined where it is not right. */
  readonly load: Load | undefined;
  /** How often each step runs is not known before. */
  readonly isProgram: boolean;
}

/** What a threshold is checked against: what the trial measures, and how its axes stand. */
export interface Measured {
  readonly flows: readonly MeasuredFlow[];
  readonly tags: Readonly<Record<string, string>>;
  readonly dialects?: readonly string[];
  readonly targets: Readonly<Record<string, ResolvedTarget>>;
  /** By driver name. */
  readonly definitions: ReadonlyMap<string, DriverDefinition>;
  readonly axes: Axes;
  /** All axes of the scenario, with the values that they have in other trials. */
  readonly sweptAxes: Readonly<Record<string, readonly string[]>>;
  /** What is measured around the load, by phase. */
  readonly around?: Readonly<Partial<Record<SurroundingPhase, readonly MeasuredFlow[]>>>;
}

/**
 * Names that a threshold uses, and whether its percentile can have enough samples. Returns the
 * thresholds of this trial: those that name an axis which the command line took away are left out.
 */
export function checkThresholds<One extends Placed>(
  tree: TrialTree,
  thresholds: readonly One[],
  measured: Measured,
): One[] {
  const layout = layOut(tree, measured);
  if (layout === undefined) return [];
  const catalogue = catalogueOf(layout, {
    axes: measured.sweptAxes,
    others: [...monitoredSeries(measured), ...scoreSeries(scorePlansOf(measured, layout))],
    mayAppear: (metric) => isOnPage(metric, measured),
    plannedSamples: (metric, tags) => plannedSamples(layout, measured, { metric, tags }),
  });
  const around = new Map(
    SURROUNDING_PHASES.flatMap((phase) => {
      const own = catalogueAround(tree, measured, phase);
      return own === undefined ? [] : [[phase, own] as const];
    }),
  );
  for (const { path, spec } of thresholds) {
    const applies = appliesTo(spec, measured.axes);
    const phase = surroundingPhaseOf(spec);
    const ofPart = phase === undefined ? catalogue : around.get(phase);
    const findings =
      ofPart === undefined || !isJudgedApart(spec)
        ? checkThreshold(spec, catalogue)
        : [
            ...wholeOnly(spec),
            ...checkStage(spec, measured.flows),
            ...checkThreshold(withinItsPart(spec), { ...ofPart, plannedSamples: () => undefined }),
          ];
    for (const { severity, message, hint } of findings) {
      const isWarning = severity === 'warning';
      if (isWarning && !applies) continue;
      tree.add({
        path,
        message,
        ...(hint !== undefined && { hint }),
        ...(isWarning && { severity }),
      });
    }
  }
  return thresholds.filter(({ spec }) => hasItsAxes(spec, measured));
}

/** What thresholds with `phase:prepare` or `phase:cleanup` may name; undefined where nothing runs. */
function catalogueAround(
  tree: TrialTree,
  measured: Measured,
  phase: SurroundingPhase,
): MetricCatalogue | undefined {
  const flows = measured.around?.[phase] ?? [];
  const layout = flows.length === 0 ? undefined : layOut(tree, { ...measured, flows });
  if (layout === undefined) return undefined;
  const others = scoreSeries(scorePlansOf({ flows }, layout));
  return catalogueOf(layout, { axes: measured.sweptAxes, others });
}

/** The stage that a threshold names has to be one of a load that says when its stages are. */
function checkStage({ tags }: ThresholdSpec, flows: readonly MeasuredFlow[]): ThresholdFinding[] {
  const { stage } = tags;
  if (stage === undefined) return [];
  const of = tags['flow'];
  const asked = flows.filter(({ name }) => of === undefined || of === '*' || name === of);
  const spans = asked.flatMap(({ load }) => (load === undefined ? [] : stageSpans(load)));
  const names = spans.map(({ name }) => name);
  if (stage === '*' ? names.length > 0 : names.includes(stage)) return [];
  const message = `no load has a stage called ${shown(stage)}`;
  const hint = nearestHint(stage, names) ?? 'Give a stage of `stages` a name.';
  return [{ severity: 'error', message, hint }];
}

/** Parts of a trial are judged at its end. */
function wholeOnly({ windowSeconds, abortOnFail }: ThresholdSpec): ThresholdFinding[] {
  const key = windowSeconds === undefined ? abortOnFail && 'abortOnFail' : 'window';
  if (!key) return [];
  const message = `${key} has no meaning here: a part of the trial is judged as a whole, at its end`;
  return [{ severity: 'error', message, hint: `leave ${key} out` }];
}

function layOut(tree: TrialTree, measured: Measured): SeriesLayout | undefined {
  try {
    return layoutSeries(seriesPlanOf(measured, measured.definitions));
  } catch (thrown) {
    if (!(thrown instanceof LoadgenError)) throw thrown;
    tree.add({ path: ['steps'], message: thrown.message, hint: thrown.hint });
    return undefined;
  }
}

/** What is looked at of servers, as far as it is known before they are asked. */
function monitoredSeries({ targets, definitions }: Measured): Series[] {
  return Object.values(targets).flatMap(({ name, driver, monitor }) => {
    const stats = monitor?.stats === true ? definitions.get(driver)?.serverStats?.metrics : [];
    const own = monitor?.process === true ? [...PROCESS_METRICS, SERVER_DISK] : [];
    const all = [...(stats ?? []), ...own];
    return all.map((declaration) => ({ declaration, tags: { target: name } }));
  });
}

/** The names on a page of metrics are known when it is read. */
function isOnPage(metric: string, { targets }: Measured): boolean {
  const isAsked = Object.values(targets).some(({ monitor }) => monitor?.prometheus !== undefined);
  return isAsked && metric.startsWith('server_');
}

function hasItsAxes({ tags }: ThresholdSpec, { axes, sweptAxes }: Measured): boolean {
  return Object.keys(tags).every(
    (name) => !Object.hasOwn(sweptAxes, name) || Object.hasOwn(axes, name),
  );
}

/** Iterations that the load asks for, times the series of the metric that the tags choose. */
function plannedSamples(
  layout: SeriesLayout,
  { flows }: Measured,
  { metric, tags }: { readonly metric: string; readonly tags: Tags },
): number | undefined {
  if (tags['phase'] === 'warmup' || 'outcome' in tags) return undefined;
  const series = layout.histograms.filter(
    ({ declaration, tags: own }) =>
      declaration.name === metric &&
      declaration.ranks !== undefined &&
      own['outcome'] !== 'failed' &&
      matches({ ...own, phase: 'measure' }, tags),
  );
  if (series.length === 0) return undefined;
  const counts = series.map(({ tags: own }) => plannedIterations(flows, own['flow']));
  return counts.includes(undefined)
    ? undefined
    : Math.round(counts.reduce<number>((sum, count) => sum + count!, 0));
}

function plannedIterations(
  flows: readonly MeasuredFlow[],
  name: string | undefined,
): number | undefined {
  const flow = flows.find((candidate) => candidate.name === name);
  if (flow?.load === undefined || flow.isProgram) return undefined;
  const model = modelOf(flow.load);
  if (model.kind === 'closed' || model.minima) {
    return model.iterations ?? model.minima?.iterations;
  }
  const planned = Math.min(model.iterations ?? Infinity, model.curve.totalArea);
  return Number.isFinite(planned) ? planned : undefined;
}
