import { availableParallelism } from 'node:os';
import { EXIT_CODES, type ExitCode } from '../../base/errors/exit-codes.ts';
import { NS_PER_SECOND } from '../../base/time/clock.ts';
import { describeLoad, type LoadDescription } from '../../load/executors/describe-load.ts';
import { planHash } from '../../load/executors/plan-hash.ts';
import { slotsNeeded } from '../../load/executors/slots-needed.ts';
import { layoutSeries } from '../../measure/metrics/series-layout.ts';
import { memoryBytes } from '../../measure/metrics/shared-recorder.ts';
import { loadDefinitions } from '../../run/runner/load-definitions.ts';
import { preparationContent } from '../../run/runner/preparation/preparation-content.ts';
import { connectionsNeeded } from '../../scenario/checks/check-connections.ts';
import { formatProblem } from '../../scenario/problem.ts';
import { resolveScenario } from '../../scenario/resolve-scenario.ts';
import type { ResolvedFlow, ResolvedTrial } from '../../scenario/resolved.ts';
import { seriesPlanOf } from '../../scenario/series-plan.ts';
import type { CommandIo } from '../command-io.ts';
import { printableLines } from '../../reports/format/printable.ts';
import { scenarioRequest } from '../scenario-request.ts';
import { textTable } from '../text-table.ts';
import type { ScenarioOptions } from './run-options.ts';

/** What one trial is going to do, before it does it. */
interface TrialPlan {
  readonly trial: number;
  /** Of the same point, from 1. */
  readonly repetition?: number;
  readonly axes: ResolvedTrial['axes'];
  /** One hash, one offered load. */
  readonly planHash: string;
  /** Of open loads; null where virtual users decide. */
  readonly arrivals: number | null;
  /** Iterations that the load asks for; null where time ends it. */
  readonly iterations: number | null;
  /** Of the measured phase; null where iterations end it. */
  readonly durationNs: number | null;
  /** The load ends when both hold; absent where something else ends it. */
  readonly minima?: NonNullable<LoadDescription['minima']>;
  /** At the highest point; null where arrivals are planned. */
  readonly vus: number | null;
  /** Of a ramp: the time that VUs run, together. */
  readonly vuSeconds?: number;
  /** At most, to all targets together. */
  readonly connections: number;
  readonly memoryBytes: number;
  readonly series: number;
  /** Names of the steps before the load; absent where there are none. */
  readonly prepare?: readonly string[];
  /** The trial of equal content that was prepared before; absent where it is prepared anew. */
  readonly preparedBy?: number;
  readonly cleanUp?: readonly string[];
}

/** `loadgen plan FILE`: trials with their arrivals, connections, memory and series. */
export async function planCommand(
  file: string,
  options: ScenarioOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { scenario, warnings } = await resolveScenario(scenarioRequest(file, options, io));
  for (const warning of warnings) io.writeError(`${printableLines(formatProblem(warning))}\n`);
  const workers = Math.max(1, availableParallelism() - 1);
  const plans: TrialPlan[] = [];
  for (const [index, trial] of scenario.trials.entries()) {
    const plan = await planTrial(trial, workers);
    plans.push({ ...plan, ...preparationOf(trial, scenario.trials[index - 1], plans[index - 1]) });
  }
  if (options.json) {
    const { name } = scenario;
    io.write(`${JSON.stringify({ scenario: name, workers, trials: plans }, null, 2)}\n`);
  } else {
    io.write(printableLines(planTable(plans, workers)));
  }
  return EXIT_CODES.ok;
}

async function planTrial(trial: ResolvedTrial, workers: number): Promise<TrialPlan> {
  const { flows, seed } = trial;
  const described = flows.map(({ name, load }) => describeLoad(load, seed, name));
  const layout = layoutSeries(seriesPlanOf(trial, await loadDefinitions([trial])));
  const vuSeconds = sumOf(described, 'vuSeconds');
  const minima = described.map((load) => load.minima).find((found) => found !== undefined);
  // The first worker has the largest share of the slots.
  const slots = flows.map(({ load }) => slotsNeeded(load, { index: 0, count: workers }));
  const slotCount = slots.reduce((sum, count) => sum + count, 0);
  return {
    trial: trial.trial,
    ...(trial.repetition !== undefined && { repetition: trial.repetition }),
    axes: trial.axes,
    planHash: planHash(flows, seed),
    arrivals: sumOf(described, 'arrivals'),
    iterations: sumOf(described, 'iterations'),
    durationNs: longest(described),
    ...(minima !== undefined && { minima }),
    vus: sumOf(described, 'vus'),
    ...(vuSeconds !== null && { vuSeconds }),
    connections: connectionsOf(trial),
    memoryBytes: memoryBytes(layout, slotCount, workers),
    series: layout.counters.length + layout.histograms.length,
  };
}

function preparationOf(
  trial: ResolvedTrial,
  before: ResolvedTrial | undefined,
  plan: TrialPlan | undefined,
): Pick<TrialPlan, 'prepare' | 'preparedBy' | 'cleanUp'> {
  const { prepare, cleanUp } = trial;
  const isSame = before !== undefined && preparationContent(before) === preparationContent(trial);
  const stepsOf = (flows: readonly ResolvedFlow[]) =>
    flows.flatMap(({ steps }) => steps.map(({ name }) => name));
  return {
    ...(prepare && { prepare: stepsOf(prepare) }),
    ...(prepare && isSame && plan && { preparedBy: plan.preparedBy ?? plan.trial }),
    ...(cleanUp && { cleanUp: stepsOf(cleanUp) }),
  };
}

function connectionsOf({ flows, targets }: ResolvedTrial): number {
  return flows.reduce((sum, { steps, load }) => {
    const used = new Set(steps.map(({ target }) => target));
    return (
      sum +
      connectionsNeeded(
        load,
        [...used].map((name) => targets[name]!),
      )
    );
  }, 0);
}

function sumOf(
  described: readonly LoadDescription[],
  key: 'arrivals' | 'iterations' | 'vus' | 'vuSeconds',
) {
  const counts = described.map((load) => load[key]).filter((count) => count !== undefined);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

function longest(described: readonly LoadDescription[]): number | null {
  const durations = described.map(({ durationNs }) => durationNs);
  return durations.includes(undefined) ? null : Math.max(...durations.map((ns) => ns ?? 0));
}

function planTable(plans: readonly TrialPlan[], workers: number): string {
  const head = ['trial', 'axes', 'plan', 'arrivals', 'iterations', 'duration', 'connections'];
  const rows = plans.map((plan) => [
    String(plan.trial),
    axesText(plan),
    plan.planHash.slice(0, 12),
    plan.arrivals === null ? '-' : String(plan.arrivals),
    numberText(plan.iterations, plan.minima?.iterations),
    numberText(seconds(plan.durationNs), seconds(plan.minima?.durationNs), 's'),
    String(plan.connections),
    mebibytes(plan.memoryBytes),
    String(plan.series),
  ]);
  const table = textTable([[...head, 'memory', 'series'], ...rows]);
  const memory = plans.length > 1 ? 'Memory and series are of one trial at a time. ' : '';
  const of = workers === 1 ? '1 worker' : `${workers} workers`;
  const prepared = plans.filter((plan) => (plan.prepare ?? plan.cleanUp) !== undefined);
  const around = prepared.map((plan) => `${aroundText(plan)}\n`).join('');
  return `${table}${memory}Memory is for recording, with ${of}.\n${around}`;
}

/** `Trial 2 is prepared by make, ingest; cleanUp: drop, where nothing uses it any more.` */
function aroundText({ trial, prepare, preparedBy, cleanUp }: TrialPlan): string {
  const by = preparedBy === undefined ? prepare?.join(', ') : `what trial ${preparedBy} left`;
  const parts = [
    ...(by === undefined ? [] : [`Trial ${trial} is prepared by ${by}.`]),
    ...(cleanUp === undefined ? [] : [`When nothing uses it any more: ${cleanUp.join(', ')}.`]),
  ];
  return parts.join(' ');
}

/** A minimum where there is nothing exact. */
function numberText(exact: number | null, minimum?: number | null, unit = ''): string {
  if (exact !== null) return `${exact}${unit}`;
  return typeof minimum === 'number' ? `≥${minimum}${unit}` : '-';
}

function seconds(ns: number | null | undefined): number | null {
  return typeof ns === 'number' ? ns / NS_PER_SECOND : null;
}

function axesText({ axes, repetition }: TrialPlan): string {
  const texts = Object.entries(axes).map(([key, value]) => `${key}=${value}`);
  if (repetition !== undefined) texts.push(`repetition ${repetition}`);
  return texts.length === 0 ? '-' : texts.join(' ');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
