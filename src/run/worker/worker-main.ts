import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { WorkerReport, WorkerTask } from '../messages.ts';
import { TrialWorker } from './trial-worker.ts';

/**
 * What piscina calls in a traffic thread: one call for a whole trial. Errors come back as data,
 * since an `Error` that crosses threads loses its class and its code.
 */
export default async function work(task: WorkerTask): Promise<WorkerReport> {
  const worker = new TrialWorker(task);
  let error: LoadgenError | undefined;
  try {
    await worker.prepare();
    await worker.run();
  } catch (thrown) {
    error = LoadgenError.from(thrown);
  }
  return worker.close(error);
}
