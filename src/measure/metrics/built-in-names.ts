import * as builtin from './builtin-metrics.ts';

/** The names of what loadgen measures whatever the driver. */
export const BUILT_IN_METRICS: readonly string[] = Object.values(builtin).map(({ name }) => name);
