import { parentPort, workerData } from 'node:worker_threads';
import { sleep, systemClock } from '../../base/time/clock.ts';
import {
  ScoreReader,
  type ScoreRecord,
  type WriteRecord,
} from '../../measure/quality/score-ring.ts';
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
  let waiting: ScoreRecord[] = [];
  let finishing = false;
  let toldInexact = false;
  parentPort!.on('message', () => (finishing = true));
  for (;;) {
    const isLast = finishing;
    // What began before these ended was told of before they were: all of it is there by now.
    const asked = waiting;
    waiting = [];
    for (const [ring, reader] of readers.entries()) {
      const take = (record: ScoreRecord): void => {
        if (record.input.sources === undefined) tally.add(record);
        else waiting.push(record);
      };
      reader.take(isText, take, (record) => noteWrite(tally, ring, record));
      if (reader.rowsLost) tally.loseRows();
    }
    for (const record of isLast ? [...asked, ...waiting] : asked) tally.add(record);
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

function noteWrite(
  tally: ScoreTally,
  ring: number,
  { subject, ticket, began, ackedNs = Number.NaN }: WriteRecord,
): void {
  const ledger = tally.ledger(subject);
  const name = `${ring} ${ticket}`;
  if (began === undefined) ledger.ended(name, ackedNs);
  else ledger.began(name, began);
}

function tell(message: ScorerMessage): void {
  parentPort!.postMessage(message);
}

await scoreAnswers(workerData as ScorerTask);
