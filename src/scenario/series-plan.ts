import type { DriverDefinition } from '../drivers/driver.ts';
import type { SeriesPlan } from '../measure/metrics/series-layout.ts';
import type { ResolvedTrial } from './resolved.ts';

/** What a trial will measure: a lane for every step of every flow, in the order of the scenario. */
export function seriesPlanOf(
  trial: Pick<ResolvedTrial, 'flows' | 'tags'>,
  definitions: ReadonlyMap<string, DriverDefinition>,
): SeriesPlan {
  const flows = trial.flows.map(({ name, tags }) => ({ name, tags: { ...trial.tags, ...tags } }));
  const lanes = trial.flows.flatMap((flow, index) =>
    flow.steps.map((step) => {
      const definition = definitions.get(step.driver)!;
      return {
        flow: index,
        step: step.name,
        target: step.target,
        tags: step.tags,
        phases: definition.phases,
        stamps: definition.capabilities.stamps,
        slo: Object.keys(step.slo).length > 0,
      };
    }),
  );
  return { flows, lanes };
}
