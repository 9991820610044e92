import assert from 'node:assert/strict';
import { join } from 'node:path';
import { plannedArrivals } from '../../src/load/executors/phase-plan.ts';
import { modelOf } from '../../src/load/executors/registry.ts';
import type { MetricStore } from '../../src/measure/metrics/metric-store.ts';
import { MEASURE } from '../../src/measure/metrics/outcome.ts';
import { measuredSource } from '../../src/reports/measured-source.ts';
import { readResult } from '../../src/results/read/read-result.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { load } from '../load/executors/scripted-port.ts';
import { startReferenceProcess } from '../support/reference-process.ts';
import { assertEnded, runScenario } from '../support/run-loadgen.ts';

export const MS = 1e6;

/** One row of the server's log; moments are ns of CLOCK_MONOTONIC. */
export interface Served {
  readonly arrivalNs: number;
  readonly dueNs: number;
  readonly departureNs: number;
}

/** A run of the real loadgen, and what the server, a process of its own, logged of it. */
export interface ObservedRun {
  readonly result: Result;
  readonly measured: MetricStore;
  /** In order of arrival. */
  readonly log: readonly Served[];
  readonly settings: { readonly freeze: Freeze | null };
}

interface Freeze {
  readonly epochNs: number;
  readonly durationNs: number;
  readonly periodNs: number;
}

export interface RunPlan {
  /** Flags of the reference server. */
  readonly server: readonly string[];
  readonly load: Readonly<Record<string, unknown>>;
}

const SEED = 11;

export async function observeRun({ server, load }: RunPlan): Promise<ObservedRun> {
  const reference = await startReferenceProcess(...server);
  try {
    const scenario = JSON.stringify({
      version: 1,
      seed: SEED,
      targets: { server: { driver: 'http', url: reference.url } },
      steps: [{ name: 'get', request: { path: '/' } }],
      load,
    });
    const run = await runScenario(scenario, { args: ['--workers=1'] });
    assertEnded(run, 0);
    const trial = join(run.folder, run.summary.trials[0]!.folder);
    const { result } = (await readResult(trial)).trials[0]!;
    return {
      result,
      measured: measuredSource(result),
      log: readLog(await (await fetch(`${reference.url}/__log`)).text()),
      settings: (await (await fetch(`${reference.url}/__settings`)).json()) as never,
    };
  } finally {
    await reference.stop();
  }
}

/** The plan of a load: the exact truth of what is offered, in ns from the start of the phase. */
export function plannedOffsetsNs(options: Readonly<Record<string, unknown>>): Float64Array {
  const model = modelOf(load(options));
  if (model.kind !== 'open') throw new Error('a closed load has no plan');
  const cursor = plannedArrivals(model, { seed: SEED, flowName: 'main', phase: MEASURE }).cursor();
  const offsets: number[] = [];
  for (; cursor.offsetNs !== Infinity; cursor.advance()) offsets.push(cursor.offsetNs);
  return Float64Array.from(offsets);
}

/**
 * Where on the server's axis the plan began, at the latest: of all requests the one that took the
 * least time to get there says it, to within that time.
 */
export function planStartNs(log: readonly Served[], offsetsNs: Float64Array): number {
  return log.reduce(
    (least, { arrivalNs }, index) => Math.min(least, arrivalNs - offsetsNs[index]!),
    Infinity,
  );
}

function readLog(csv: string): Served[] {
  const [head, ...lines] = csv.trimEnd().split('\n');
  assert.equal(head, 'sequence,arrival_ns,due_ns,departure_ns,status,path,lane,iteration');
  return lines.map((line) => {
    const [, arrival, due, departure] = line.split(',');
    assert.notEqual(departure, '', 'every request was answered');
    return { arrivalNs: Number(arrival), dueNs: Number(due), departureNs: Number(departure) };
  });
}
