import { parentPort, workerData } from 'node:worker_threads';
import { OperationSlots } from '../../../src/measure/metrics/operation-slots.ts';
import { MEASURE } from '../../../src/measure/metrics/outcome.ts';
import { layoutSeries } from '../../../src/measure/metrics/series-layout.ts';
import type { SharedRecorder } from '../../../src/measure/metrics/shared-recorder.ts';
import { WorkerRecorder } from '../../../src/measure/metrics/worker-recorder.ts';
import { onePlan, stamp } from './recorded-world.ts';

/** What a test hands to this thread. */
export interface ThreadTask {
  readonly shared: SharedRecorder;
  readonly t0Ns: number;
  readonly operations: number;
  readonly stepNs: number;
}

/** The latency of operation `index`: known to both sides, so that the reader can recount. */
export function latencyOf(index: number): number {
  return 50_000 + ((index * 7_919) % 9_973) * 1_000;
}

/** Records as fast as it can; time is counted in operations, so that seconds fly by. */
function recordAll({ shared, t0Ns, operations, stepNs }: ThreadTask): void {
  const layout = layoutSeries(onePlan);
  const t1Ns = t0Ns + 3_600e9;
  const times = {
    phaseStartNs: () => t0Ns,
    phaseEndNs: (phase: number) => (phase === MEASURE ? t1Ns : t0Ns),
  };
  const recorder = new WorkerRecorder({ layout, shared, times });
  const slots = new OperationSlots(4, 1);
  const end = { outcome: 0, responseTimeNs: 0 };
  for (let index = 0; index < operations; index++) {
    const done = t0Ns + (index + 1) * stepNs;
    recorder.due(MEASURE, 0, 1);
    recorder.started(MEASURE, 0, 0);
    recorder.attempted(MEASURE, 0, 0);
    stamp(slots, 0, { intended: done - latencyOf(index), done });
    recorder.finished(MEASURE, 0, 0, slots);
    end.responseTimeNs = latencyOf(index);
    recorder.ended(MEASURE, 0, 0, end);
  }
  recorder.close(t0Ns + operations * stepNs);
}

if (parentPort !== null) {
  recordAll(workerData as ThreadTask);
  parentPort.postMessage('done');
}
