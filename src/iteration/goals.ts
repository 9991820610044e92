import { LoadgenError } from '../base/errors/loadgen-error.ts';
import type { DriverDefinition } from '../drivers/driver.ts';
import { RESPONSE_TIME, SERVICE_TIME } from '../measure/metrics/builtin-metrics.ts';
import type { MetricDeclaration } from '../measure/metrics/metric.ts';
import type { OperationSlots } from '../measure/metrics/operation-slots.ts';

/** One limit of a step's `slo`: whether the operation in a slot, which was ok, meets it. */
export type Goal = (slots: OperationSlots, slot: number) => boolean;

/** The metrics that `slo` may name for steps of a driver. */
export function sloMetrics(definition: DriverDefinition): readonly MetricDeclaration[] {
  const { phases, counters = [], sampled = [] } = definition;
  return [RESPONSE_TIME, SERVICE_TIME, ...phases, ...counters, ...sampled];
}

/** One goal a metric; limits are in its own unit. */
export function compileGoals(
  slo: Readonly<Record<string, number>>,
  definition: DriverDefinition,
): readonly Goal[] {
  return Object.entries(slo).map(([metric, limit]) => compileGoal(metric, limit, definition));
}

function compileGoal(metric: string, limit: number, definition: DriverDefinition): Goal {
  if (metric === RESPONSE_TIME.name) {
    return ({ done, intended }, slot) => done[slot]! - intended[slot]! <= limit;
  }
  if (metric === SERVICE_TIME.name) {
    return ({ done, sent }, slot) => done[slot]! - sent[slot]! <= limit;
  }
  const placeIn = (declared: readonly MetricDeclaration[] | undefined): number | undefined => {
    const place = declared?.findIndex(({ name }) => name === metric) ?? -1;
    return place < 0 ? undefined : place;
  };
  const phase = placeIn(definition.phases);
  // A phase that did not happen is NaN, which is not within any limit.
  if (phase !== undefined) return ({ phases }, slot) => phases[phase]![slot]! <= limit;
  const counter = placeIn(definition.counters);
  if (counter !== undefined) return ({ counts }, slot) => counts[counter]![slot]! <= limit;
  const sampled = placeIn(definition.sampled);
  // Of many values each must meet it; where there was none, none was beyond it.
  if (sampled !== undefined) return ({ samples }, slot) => samples[sampled]!.largest(slot) <= limit;
  const reason = `slo names ${metric}, which ${definition.name} does not measure`;
  throw new LoadgenError('BUG', { reason });
}
