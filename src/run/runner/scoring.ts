import { Worker } from 'node:worker_threads';
import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import type { RecordedInterval } from '../../measure/metrics/interval-collector.ts';
import { MetricStore, type SeriesRecord } from '../../measure/metrics/metric-store.ts';
import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import { PHASES, type Phase } from '../../measure/metrics/outcome.ts';
import type { SeriesLayout } from '../../measure/metrics/series-layout.ts';
import type { InexactAnswer } from '../../measure/quality/exact-index.ts';
import {
  allocateScores,
  ScoreReader,
  ScoreWriter,
  type ScoreMemory,
} from '../../measure/quality/score-ring.ts';
import type { AnswerDigest, ScorePlan, WorstAnswers } from '../../measure/quality/score-tally.ts';
import { UNSCORED, UNSCORED_REASONS } from '../../measure/quality/scorer.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import type { RowWatch } from '../../iteration/watch-writes.ts';
import { exactScoresOf, watchedRows } from '../../scenario/collection-use.ts';
import { scorePlansOf, scoreSeries } from '../../scenario/score-plan.ts';
import type { ScorerMessage, ScorerTask } from '../messages.ts';

/**
 * The runner's side of scoring: starts the scorer's thread where a step asks for it, and adds what
 * it tells to the seconds in which it was scored.
 */
export class Scoring {
  readonly plans: readonly ScorePlan[];
  /** By flow and step: whose writes decide over what is right. */
  readonly watches: readonly (readonly (RowWatch | undefined)[])[];
  /** By worker. */
  readonly memories: readonly ScoreMemory[];
  readonly #readers: readonly ScoreReader[];
  readonly #thread: Worker;
  readonly #ended: Promise<unknown>;
  readonly #declarations: readonly MetricDeclaration[];
  /** What was not scored until now, by place among scorers, phases and reasons. */
  readonly #unscored = new Map<string, number>();
  #pending: SeriesRecord[] = [];
  #worst: readonly WorstAnswers[] = [];
  #digests: readonly AnswerDigest[] = [];
  #inexact: LoadgenError | undefined;
  #error: unknown;

  private constructor(plans: readonly ScorePlan[], watches: Scoring['watches'], workers: number) {
    this.plans = plans;
    this.watches = watches;
    this.memories = Array.from({ length: workers }, () => allocateScores(plans.length));
    this.#readers = this.memories.map((memory) => new ScoreReader(memory));
    this.#declarations = scoreSeries(plans).map(({ declaration }) => declaration);
    const task: ScorerTask = { plans, memories: this.memories };
    this.#thread = new Worker(scorerFile(), { workerData: task, name: 'scorer', execArgv: [] });
    this.#thread.unref();
    this.#thread.on('message', (message: ScorerMessage) => this.#hear(message));
    this.#thread.on('error', (error) => (this.#error = error));
    this.#ended = new Promise((resolve) => this.#thread.once('exit', resolve));
  }

  /** Undefined where no step is scored. */
  static of(
    trial: ResolvedTrial,
    definitions: ReadonlyMap<string, DriverDefinition>,
    { layout, workers, rowsAreKnown }: ScoringSetting,
  ): Scoring | undefined {
    const { watches, subjectOf } = watchedRows(trial, definitions);
    const isExact = exactScoresOf(trial, definitions);
    const plans = scorePlansOf(trial, layout, { isExact, subjectOf });
    if (plans.length === 0) return undefined;
    const scoring = new Scoring(plans, watches, workers);
    if (!rowsAreKnown) for (const memory of scoring.memories) new ScoreWriter(memory).loseRows();
    return scoring;
  }

  get worst(): readonly WorstAnswers[] {
    return this.#worst;
  }

  get digests(): readonly AnswerDigest[] {
    return this.#digests;
  }

  /**
   * Adds what was scored since the row before; throws what broke the scorer's thread, and
   * EXACT_INDEX_WRONG.
   */
  interval(row: RecordedInterval, total: MetricStore): void {
    const seen = this.#take(row.phase);
    row.metrics.add(seen);
    total.add(seen);
    this.#assertExact();
  }

  /** Resolves when everything that was handed over has been scored. */
  async finish(): Promise<void> {
    this.#thread.ref();
    this.#thread.postMessage('finish');
    await this.#ended;
  }

  /** Adds what came after the last row; throws as `interval`. */
  addRest(total: MetricStore): void {
    for (const phase of PHASES) total.add(this.#take(phase));
    this.#assertExact();
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #hear(message: ScorerMessage): void {
    if (message.kind === 'scores') this.#pending.push(...message.records);
    else if (message.kind === 'inexact') this.#inexact ??= this.#inexactError(message.answer);
    else {
      this.#worst = message.worst;
      this.#digests = message.digests;
    }
  }

  #assertExact(): void {
    if (this.#inexact !== undefined) throw this.#inexact;
  }

  #inexactError({ scorer, iteration, value, reason }: InexactAnswer): LoadgenError {
    const { scorer: metric, tags } = this.plans[scorer]!;
    return new LoadgenError('EXACT_INDEX_WRONG', {
      step: tags['step'] ?? '',
      metric,
      value: Math.floor(value * 1e4) / 1e4,
      iteration,
      reason,
    });
  }

  #take(phase: Phase): MetricStore {
    if (this.#error !== undefined) {
      throw new LoadgenError('BUG', { reason: `the scorer ended: ${reasonOf(this.#error)}` });
    }
    const those = this.#pending.filter(({ tags }) => tags['phase'] === phase);
    this.#pending = this.#pending.filter(({ tags }) => tags['phase'] !== phase);
    const seen = new MetricStore(this.#declarations);
    for (const record of [...those, ...this.#unscoredSince(phase)]) {
      const records = [record];
      seen.add(
        MetricStore.fromRecords({ declarations: this.#declarations, durationSeconds: 0, records }),
      );
    }
    return seen;
  }

  #unscoredSince(phase: Phase): SeriesRecord[] {
    const { name, unit } = UNSCORED;
    return this.plans.flatMap(({ scorer, tags }, index) =>
      UNSCORED_REASONS.flatMap((reason): SeriesRecord[] => {
        const all = this.#readers.reduce(
          (sum, reader) => sum + reader.unscored(index, PHASES.indexOf(phase), reason),
          0,
        );
        const key = `${index} ${phase} ${reason}`;
        const value = all - (this.#unscored.get(key) ?? 0);
        this.#unscored.set(key, all);
        if (value === 0) return [];
        if (reason === 'no_answer' && this.plans[index]!.isExact) {
          const without =
            'it has no list of numbers as ids, so they cannot be those of the data set';
          this.#inexact ??= this.#inexactError({
            scorer: index,
            iteration: 0,
            value: 0,
            reason: without,
          });
        }
        const own = { ...tags, scorer, reason, phase };
        return [{ metric: name, tags: own, kind: 'counter', unit, value }];
      }),
    );
  }
}

interface ScoringSetting {
  readonly layout: SeriesLayout;
  readonly workers: number;
  /** The rows at the start are those that `prepare` left, and nobody else writes any. */
  readonly rowsAreKnown: boolean;
}

/** The compiled or the source form of the scorer, whichever this file is. */
function scorerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`../worker/scorer-main.${extension}`, import.meta.url);
}
