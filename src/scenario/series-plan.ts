import type { DriverDefinition } from '../drivers/driver.ts';
import type { MetricDeclaration } from '../measure/metrics/metric.ts';
import type { LanePlan, SeriesPlan } from '../measure/metrics/series-layout.ts';
import { laneTags } from '../iteration/data-tags.ts';
import { ownDeclarations } from '../iteration/own-metrics.ts';
import type { StepPlan } from '../iteration/step-schema.ts';
import type { ResolvedTarget, ResolvedTrial } from './resolved.ts';

/** What of a step decides over its series. */
export type MeasuredStep = Pick<
  StepPlan,
  'name' | 'target' | 'driver' | 'verb' | 'spec' | 'tags' | 'slo' | 'poll' | 'record' | 'dataTags'
>;

/** What of a trial decides over its series. */
interface Measured extends Pick<ResolvedTrial, 'tags' | 'dialects'> {
  /** Those that are right. */
  readonly targets: Readonly<Record<string, Pick<ResolvedTarget, 'options'>>>;
  readonly flows: readonly {
    readonly name: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly steps: readonly MeasuredStep[];
  }[];
}

/** What a trial will measure: a lane for every step of every flow, in the order of the scenario. */
export function seriesPlanOf(
  trial: Measured,
  definitions: ReadonlyMap<string, DriverDefinition>,
): SeriesPlan {
  const flows = trial.flows.map(({ name, tags }) => ({ name, tags: { ...trial.tags, ...tags } }));
  const lanes = trial.flows.flatMap((flow, index) =>
    flow.steps.flatMap((step) => {
      const definition = definitions.get(step.driver)!;
      const { phases, counters, sampled } = fedMetrics(definition, step, trial.dialects ?? []);
      return laneTags(step).map((tags) => ({
        flow: index,
        step: step.name,
        target: step.target,
        tags,
        phases: [...phases, ...ownDeclarations(step)],
        counters,
        sampled,
        stamps: stampsOf(definition, trial.targets[step.target]),
        slo: Object.keys(step.slo).length > 0,
      }));
    }),
  );
  const drivers = new Set(trial.flows.flatMap(({ steps }) => steps.map(({ driver }) => driver)));
  const rates = [...drivers].flatMap((driver) => definitions.get(driver)!.rates ?? []);
  return { flows, lanes, ...(rates.length > 0 && { rates }) };
}

/** What the driver measures, without what this step can never have. */
function fedMetrics(
  { phases, counters = [], sampled = [], verbs }: DriverDefinition,
  { verb, spec }: Pick<StepPlan, 'verb' | 'spec'>,
  dialects: readonly string[],
): Required<Pick<LanePlan, 'phases' | 'counters' | 'sampled'>> {
  const fed = spec === undefined ? undefined : verbs[verb]?.feeds?.(spec, dialects);
  const those = (declared: readonly MetricDeclaration[]): (MetricDeclaration | undefined)[] =>
    declared.map((metric) => (fed?.includes(metric.name) === false ? undefined : metric));
  return { phases: those(phases), counters: those(counters), sampled: those(sampled) };
}

function stampsOf(
  { capabilities, stampsOf: ofOptions }: DriverDefinition,
  target: Pick<ResolvedTarget, 'options'> | undefined,
): 'socket' | 'call' {
  return (target && ofOptions?.(target.options)) ?? capabilities.stamps;
}
