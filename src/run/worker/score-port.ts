import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Feeder } from '../../data/feeder.ts';
import { laneTags } from '../../iteration/data-tags.ts';
import type { ScoredAnswer, ScoreSink, StepScores } from '../../iteration/flow-runtime.ts';
import type { StepPlan } from '../../iteration/step-schema.ts';
import type { RowWatch, WriteSink } from '../../iteration/watch-writes.ts';
import { ScoreWriter } from '../../measure/quality/score-ring.ts';
import { numbersOf, type Scorer } from '../../measure/quality/scorer.ts';
import { scorerOf } from '../../measure/quality/scorers.ts';
import type { WorkerTask } from '../messages.ts';

/** Takes answers apart and hands them to the scorer's thread. */
export class ScorePort implements ScoreSink, WriteSink {
  readonly #writer: ScoreWriter;
  readonly #scorers: readonly Scorer[];
  readonly #watches: NonNullable<WorkerTask['scores']>['watches'];
  #next = 0;
  #flow = 0;

  constructor({ plans, memory, watches }: NonNullable<WorkerTask['scores']>) {
    this.#watches = watches;
    this.#writer = new ScoreWriter(memory);
    this.#scorers = plans.map(({ scorer }) => scorerOf(scorer)!);
  }

  score({ scorer, phase, iteration, sentNs, doneNs, ...of }: ScoredAnswer): void {
    const input = this.#scorers[scorer]!.input(of.answer, of.reference);
    if (typeof input === 'string') this.#writer.unscored(scorer, phase, input);
    else this.#writer.write({ scorer, phase, iteration, input, window: { sentNs, doneNs } });
  }

  writeBegan({ subject, ticket, kind, source, beganNs, ...of }: BegunRows): void {
    const ids = numbersOf(of.ids);
    if (ids === undefined) this.#writer.loseRows();
    else this.#writer.writeRows({ subject, ticket, began: { kind, source, ids, beganNs } });
  }

  writeEnded({ subject }: RowWatch, ticket: number, ackedNs: number): void {
    this.#writer.writeRows({ subject, ticket, ackedNs });
  }

  /** The numbers of the scorers of a flow's steps; flows are asked in their order. */
  scoresOf(steps: readonly StepPlan[]): StepScores {
    const firstScorers = steps.map((step) => {
      const first = this.#next;
      this.#next += laneTags(step).length * (step.score ?? []).length;
      return first;
    });
    const answerFields = steps.map(({ score = [] }) =>
      score.map(({ scorer }) => scorerOf(scorer)!.answerField),
    );
    const watches = this.#watches[this.#flow++] ?? [];
    return { sink: this, firstScorers, answerFields, watches };
  }
}

type BegunRows = Parameters<WriteSink['writeBegan']>[0];

/** Throws where a recall is asked over more neighbours than rows have. */
export function assertDepth(
  steps: readonly StepPlan[],
  feeders: ReadonlyMap<string, Feeder>,
): void {
  for (const { scorer, reference } of steps.flatMap(({ score = [] }) => score)) {
    const [, name] = /^\s*(\w+)\.truth\s*$/.exec(reference) ?? [];
    const has = feeders.get(name ?? '')?.truthDepth;
    const { depth } = scorerOf(scorer)!;
    if (has === undefined || depth === undefined || depth <= has) continue;
    const reason = `${scorer} needs ${depth} neighbours of each row, and there are ${has}`;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder: name!, source: 'truth', reason });
  }
}
