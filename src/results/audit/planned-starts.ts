import type { ProgramNode } from '../../iteration/program.ts';
import { isEndless, plannedArrivals } from '../../load/executors/phase-plan.ts';
import { modelOf } from '../../load/executors/registry.ts';
import { MEASURE } from '../../measure/metrics/outcome.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';

/**
 * The intended starts of the measured phase by the lane of each flow's first step, in ns from T0:
 * drawn anew, and not as any worker carried them. Undefined where a flow is no open loop, where
 * its arrivals think first or go on until another flow ends, and where a thinned trace leaves out
 * numbers.
 */
export function plannedStarts(trial: ResolvedTrial): ReadonlyMap<number, Float64Array> | undefined {
  const { seed, flows } = trial;
  const starts = new Map<number, Float64Array>();
  let lane = 0;
  for (const { name: flowName, load, steps, program = [] } of flows) {
    const model = modelOf(load);
    if (model.kind !== 'open' || isEndless(model)) return undefined;
    if (steps[0]?.thinkBefore !== undefined || thinksFirst(program)) return undefined;
    const plan = plannedArrivals(model, { seed, flowName, phase: MEASURE });
    const offsetsNs: number[] = [];
    for (const cursor = plan.cursor(); cursor.offsetNs !== Infinity; cursor.advance()) {
      if (cursor.iteration !== cursor.index) return undefined;
      offsetsNs.push(cursor.offsetNs);
    }
    starts.set(lane, Float64Array.from(offsetsNs));
    lane += steps.length;
  }
  return starts;
}

function thinksFirst([first]: readonly ProgramNode[]): boolean {
  switch (first?.kind) {
    case 'think':
      return true;
    case 'group':
      return thinksFirst(first.nodes);
    case 'oneOf':
      return first.choices.some(({ node }) => thinksFirst([node]));
    case 'operation':
    case undefined:
      return false;
  }
}
