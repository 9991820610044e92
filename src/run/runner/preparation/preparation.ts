import type { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { Tags } from '../../../measure/metrics/metric-source.ts';
import { SURROUNDING_PHASES, type SurroundingPhase } from '../../../measure/metrics/outcome.ts';
import { MetricStore } from '../../../measure/metrics/metric-store.ts';
import { matches } from '../../../measure/metrics/series-key.ts';
import type { MeasuredAround } from '../../../measure/thresholds/threshold-watch.ts';
import type { PreparationOutcome } from '../../../results/trial-outcome.ts';
import type { ResolvedFlow, ResolvedTrial } from '../../../scenario/resolved.ts';
import type { StopRequests } from '../stop-requests.ts';
import { preparationContent } from './preparation-content.ts';
import { runPart, type PartSetting } from './run-part.ts';

export interface PreparationParts extends Omit<PartSetting, 'trial' | 'stop'> {
  readonly stop: StopRequests;
  /** Stands around what prepares for a trial: it is to call `work` once. */
  around?<Done>(trial: ResolvedTrial, work: () => Promise<Done>): Promise<Done>;
}

/**
 * What is prepared for the trials of a run: anew only where its content changed, and cleaned up
 * once for each time.
 */
export class Preparation {
  readonly #parts: PreparationParts;
  #prepared: { readonly trial: ResolvedTrial; readonly content: string } | undefined;
  #records: readonly PreparationOutcome[] = [];

  constructor(parts: PreparationParts) {
    this.#parts = parts;
  }

  /**
   * Prepares for a trial, unless that was done for one of the same content, and returns what was
   * recorded then. Throws PREPARE_FAILED and what else ends a load.
   */
  async before(trial: ResolvedTrial): Promise<readonly PreparationOutcome[]> {
    const content = preparationContent(trial);
    if (this.#prepared?.content === content) return this.#records;
    throwFailure(await this.after());
    this.#prepared = { trial, content };
    const work = () => this.alone(trial.prepare ?? [], trial);
    this.#records = await (this.#parts.around?.(trial, work) ?? work());
    return this.#records;
  }

  /**
   * Cleans up what was prepared last, if nobody did. Also after a run that was stopped, unless at
   * once. A failure stands in the records.
   */
  async after(): Promise<readonly PreparationOutcome[]> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    this.#records = [];
    if (prepared === undefined) return [];
    const { trial } = prepared;
    const stop = this.#parts.stop.secondOnly;
    return this.#runAll(trial.cleanUp ?? [], { ...this.#parts, trial, stop });
  }

  /** These parts of a trial, whatever was done before; throws what keeps them from their end. */
  async alone(
    flows: readonly ResolvedFlow[],
    trial: ResolvedTrial,
  ): Promise<readonly PreparationOutcome[]> {
    const records = await this.#runAll(flows, { ...this.#parts, trial });
    throwFailure(records);
    return records;
  }

  /** One part after the other, until one fails or somebody stops it. */
  async #runAll(
    flows: readonly ResolvedFlow[],
    setting: PartSetting,
  ): Promise<PreparationOutcome[]> {
    const records: PreparationOutcome[] = [];
    for (const flow of flows) {
      if (setting.stop.drain) break;
      const record = await runPart(flow, setting);
      records.push(record);
      if (record.failure !== undefined) break;
    }
    return records;
  }
}

/** Why a list was not done to its end. */
export function failureOf(records: readonly PreparationOutcome[]): LoadgenError | undefined {
  return records.find(({ failure }) => failure !== undefined)?.failure;
}

function throwFailure(records: readonly PreparationOutcome[]): void {
  const failed = failureOf(records);
  if (failed !== undefined) throw failed;
}

/** What thresholds on `phase:prepare` and `phase:cleanup` are judged by. */
export function measuredAround(records: readonly PreparationOutcome[]): MeasuredAround {
  const around: { -readonly [Phase in SurroundingPhase]?: (tags: Tags) => MetricStore } = {};
  for (const phase of SURROUNDING_PHASES) {
    const own = records.filter((record) => record.phase === phase);
    if (own.length > 0) around[phase] = (tags) => sumOfParts(own, tags);
  }
  return around;
}

/** Of one step only what its own part took, so that a rate is that of its load. */
function sumOfParts(records: readonly PreparationOutcome[], { step }: Tags): MetricStore {
  const asked = step === undefined || step === '*' ? {} : { step };
  const having = records.filter(({ metrics }) =>
    metrics.seriesTags('attempted').some((series) => matches(series, asked)),
  );
  return MetricStore.sumOf(having.map(({ metrics }) => metrics));
}
