import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';
import { RETRIES } from '../retries.ts';

/** Places in `POSTGRES_COUNTERS`, and so in `OperationSlots.counts`. */
export const RETRIES_COUNT = 0;
export const STATEMENTS_COUNT = 1;
export const ROWS_COUNT = 2;

/** What every driver over PostgreSQL's protocol counts. */
export const POSTGRES_COUNTERS: readonly MetricDeclaration[] = [
  RETRIES,
  {
    name: 'statements',
    kind: 'counter',
    unit: 'count',
    description:
      'Statements that the server completed, BEGIN and COMMIT among them; of a transaction that was begun again those of the last attempt.',
    better: 'higher',
  },
  {
    name: 'rows',
    kind: 'counter',
    unit: 'count',
    description: 'Rows that were inserted, updated, deleted, copied or selected.',
    better: 'higher',
  },
];
