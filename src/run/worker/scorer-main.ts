import { parentPort, workerData } from 'node:worker_threads';
import { sleep, systemClock } from '../../base/time/clock.ts';
import { ScoreReader } from '../../measure/quality/score-ring.ts';
import { ScoreTally } from '../../measure/quality/score-tally.ts';
import { scorerOf } from '../../measure/quality/scorers.ts';
import type { ScorerMessage, ScorerTask } from '../messages.ts';

/** How often the thread looks for answers while there are none. */
const LOOK_EVERY_MS = 20;

/**
 * The thread that scores answers: it takes what the traffic threads put into their rings, and tells
 * the runner what came of it. When it is told to finish it scores what is left and ends.
 */
async function scoreAnswers({ plans, memories }: ScorerTask): Promise<void> {
  const tally = new ScoreTally(plans, scorerOf);
  const readers = memories.map((memory) => new ScoreReader(memory));
  const isText = (scorer: number): boolean => plans[scorer]!.scorer === 'wer';
  let finishing = false;
  let toldInexact = false;
  parentPort!.on('message', () => (finishing = true));
  for (;;) {
    const isLast = finishing;
    for (const reader of readers) reader.take(isText, (record) => tally.add(record));
    const records = tally.take();
    if (records.length > 0) tell({ kind: 'scores', records });
    if (tally.inexact !== undefined && !toldInexact) {
      toldInexact = true;
      tell({ kind: 'inexact', answer: tally.inexact });
    }
    if (isLast) break;
    await sleep(systemClock, LOOK_EVERY_MS);
  }
  tell({ kind: 'done', worst: tally.worst, digests: tally.digests });
  parentPort!.close();
}

function tell(message: ScorerMessage): void {
  parentPort!.postMessage(message);
}

await scoreAnswers(workerData as ScorerTask);
