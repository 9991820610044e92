import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';
import { CONNECT_TIME_METRIC, TLS_TIME_METRIC } from '../connection-phases.ts';

/** Places in `POSTGRES_PHASES`, and so in `OperationSlots.phases`. */
export const CONNECT_TIME = 0;
export const TLS_TIME = 1;

/** What every driver over PostgreSQL's protocol measures beside the operation itself. */
export const POSTGRES_PHASES: readonly MetricDeclaration[] = [CONNECT_TIME_METRIC, TLS_TIME_METRIC];
