import { parentPort, workerData } from 'node:worker_threads';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { SearchMessage, SearchPart } from './exact-messages.ts';
import { searchPart } from './search-part.ts';

/** The thread of one part: reads its task, tells how far it is and what it has found. */
function post(message: SearchMessage): void {
  parentPort!.postMessage(message);
}

try {
  const nearest = await searchPart(workerData as SearchPart, (done, all) =>
    post({ kind: 'rows', done, all }),
  );
  post({ kind: 'found', nearest });
} catch (thrown) {
  post({ kind: 'failed', error: LoadgenError.from(thrown).toRecord() });
}
