import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';
import { READY_STATES, type ReadyState } from './vector-schemas.ts';

const WORDS: Readonly<Record<ReadyState, string>> = {
  inserted: 'the server counted all rows',
  searchable: 'a search found some of them as well',
  indexed: 'no row waited for the index any more either',
};

/** `ready_time{state}`, in the order of READY_STATES: drivers put them behind their own phases. */
export const READY_PHASES: readonly MetricDeclaration[] = READY_STATES.map((state) => ({
  name: 'ready_time',
  tags: { state },
  kind: 'histogram',
  unit: 'ns',
  description: `From the beginning of \`ready\` until ${WORDS[state]}; one value a state.`,
  better: 'lower',
}));
