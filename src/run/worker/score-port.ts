import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Feeder } from '../../data/feeder.ts';
import { laneTags } from '../../iteration/data-tags.ts';
import type { ScoredAnswer, ScoreSink, StepScores } from '../../iteration/flow-runtime.ts';
import type { StepPlan } from '../../iteration/step-schema.ts';
import { ScoreWriter } from '../../measure/quality/score-ring.ts';
import type { Scorer } from '../../measure/quality/scorer.ts';
import { scorerOf } from '../../measure/quality/scorers.ts';
import type { WorkerTask } from '../messages.ts';

/** Takes answers apart and hands them to the scorer's thread. */
export class ScorePort implements ScoreSink {
  readonly #writer: ScoreWriter;
  readonly #scorers: readonly Scorer[];
  #next = 0;

  constructor({ plans, memory }: NonNullable<WorkerTask['scores']>) {
    this.#writer = new ScoreWriter(memory);
    this.#scorers = plans.map(({ scorer }) => scorerOf(scorer)!);
  }

  score({ scorer, phase, iteration, answer, reference }: ScoredAnswer): void {
    const input = this.#scorers[scorer]!.input(answer, reference);
    if (typeof input === 'string') this.#writer.unscored(scorer, phase, input);
    else this.#writer.write({ scorer, phase, iteration, input });
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
    return { sink: this, firstScorers, answerFields };
  }
}

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
