import { randomExponential, randomStream } from '../../src/base/random/counter-random.ts';
import type { GeneratorUse } from '../../src/measure/monitors/sum-samples.ts';
import { RETRIES } from '../../src/drivers/vocabulary/retries.ts';
import type { MetricDeclaration } from '../../src/measure/metrics/metric.ts';
import type { SeriesPlan } from '../../src/measure/metrics/series-layout.ts';
import { buildResult } from '../../src/results/build-result.ts';
import type { Result } from '../../src/results/schema/result.ts';
import type { TrialOutcome } from '../../src/results/trial-outcome.ts';
import { trialFacts } from '../../src/results/write/trial-facts.ts';
import type { ResolvedTrial } from '../../src/scenario/resolved.ts';
import { RecordedTrial } from '../results/recorded-trial.ts';
import { closedTrial, openTrial, step } from '../results/trials.ts';

const WALL_MS = Date.UTC(2026, 10, 22, 10, 34, 26);
const RUN = {
  runId: '01a202d4-7a36-7b11-b48a-66b5fc270f6a',
  trialId: '01a202d4-7a37-7d5e-9a21-0c4de0aa51c2',
  versions: { loadgen: '0.1.0', node: '26.10.0' },
};

/** An open run of four seconds: some time out, some find no place, a p99 is not answered. */
export function openResult(): Result {
  const recorded = new RecordedTrial(planOf(['embed']), { warmup: 1e9, measure: 2e9 });
  const latency = latencies('open', 2e6);
  recorded.second('warmup', (second) => {
    for (let i = 0; i < 250; i++) second.iteration({ responseNs: latency() });
  });
  for (let at = 0; at < 4; at++) {
    recorded.second('measure', (second) => {
      for (let i = 0; i < 480; i++) {
        const serviceNs = latency();
        second.iteration({ responseNs: serviceNs + 150_000, serviceNs });
      }
      for (let i = 0; i < 10; i++) second.iteration({ outcome: 'timeout', responseNs: 2e9 });
      second.iteration({ outcome: 'rejected', responseNs: 3e6 });
      second.unsent(0, 'no_slot', 9);
    });
  }
  return resultOf(openTrial(), recorded, {
    exitCode: 99,
    thresholds: [
      threshold('error_rate < 5%', 'passed', { value: 0.0224, unit: 'ratio', perSecond: false }),
      {
        ...threshold('response_time p(99) < 250ms', 'failed', undefined),
        reason: 'not answered (4.0%)',
      },
      {
        ...threshold('response_time{tenant:*} p(99.9) < 1s', 'undecided', undefined),
        tags: { tenant: 'free' },
        reason: 'needs 6636 samples, has 2000',
      },
    ],
    failureReasons: [
      { target: 'embeddings', reason: 'no answer within 2s', count: 40 },
      { target: 'embeddings', reason: 'status 503', count: 4 },
    ],
    notes: ['the target is on the same machine: both share its cores'],
    verdict: LATE,
    generator: generatorUse(5),
  });
}

/** A closed run of two steps, all well, too short for a p99.9. */
export function closedResult(): Result {
  const trial = closedTrial({ trial: 3, axes: { 'params.tokens': 128, level: 'high' } });
  const flow = trial.flows[0]!;
  const steps = [step('embed'), step('search')];
  const plan = planOf(['embed', 'search']);
  const recorded = new RecordedTrial(plan, { warmup: 1e9, measure: 2e9 });
  const embed = latencies('embed', 30e6);
  const search = latencies('search', 800_000);
  for (let at = 0; at < 3; at++) {
    recorded.second('measure', (second) => {
      for (let i = 0; i < 300; i++) {
        second.journey(0, [
          { lane: 0, responseNs: embed() },
          { lane: 1, responseNs: search() },
        ]);
      }
    });
  }
  return resultOf({ ...trial, flows: [{ ...flow, steps }] }, recorded, {
    exitCode: 0,
    tailShare: 0.032,
    thresholds: [
      threshold('error_rate == 0%', 'passed', { value: 0, unit: 'ratio', perSecond: false }),
    ],
  });
}

/** A streamed step of a driver with metrics of its own, in times, counts and bytes, and one without. */
export function streamedResult(): Result {
  const [chat, health] = planOf(['chat', 'health'], 'llm').lanes;
  const own = {
    phases: [declared('ttft', 'ns'), declared('tokens_in_first_chunk', 'count')],
    counters: [{ ...declared('output_tokens', 'count'), kind: 'counter' as const }, RETRIES],
    sampled: [declared('inter_token_latency', 'ns'), declared('chunk_bytes', 'bytes')],
  };
  const plan = { flows: [{ name: 'main', tags: {} }], lanes: [{ ...chat!, ...own }, health!] };
  const recorded = new RecordedTrial(plan, { warmup: 1e9, measure: 2e9 });
  const latency = latencies('chat', 30e6);
  for (let at = 0; at < 4; at++) {
    recorded.second('measure', (second) => {
      for (let i = 0; i < 200; i++) {
        const responseNs = latency();
        second.journey(0, [{ responseNs }, { lane: 1, responseNs: 400_000 }]);
        second.ownMetrics(0, {
          phases: [responseNs / 4, 1 + (i % 3)],
          counts: [20 + (i % 17), i === 7 ? 1 : 0],
          samples: [
            [1e6, 2e6, latency() / 10],
            [180, 190, 2_000],
          ],
        });
      }
    });
  }
  return resultOf(closedTrial(), recorded, { exitCode: 0 });
}

/** Streams of which two figures are measured as another tool defines them. */
export function dialectResult(): Result {
  const [chat] = planOf(['chat'], 'llm').lanes;
  const dialect = (word: string) => {
    return { name: 'vllm', title: 'vllm bench serve', word, formula: 'as it says' };
  };
  const own = {
    phases: [{ ...declared('vllm_ttft', 'ns'), dialect: dialect('TTFT') }],
    counters: ['output_tokens', 'input_tokens'].map((name) => {
      return { ...declared(name, 'count'), kind: 'counter' as const };
    }),
    sampled: [{ ...declared('vllm_itl', 'ns'), dialect: dialect('ITL') }],
  };
  const plan = { flows: [{ name: 'main', tags: {} }], lanes: [{ ...chat!, ...own }] };
  const recorded = new RecordedTrial(plan, { warmup: 1e9, measure: 2e9 });
  recorded.second('measure', (second) => {
    for (let i = 0; i < 100; i++) {
      second.iteration({ responseNs: 30e6 });
      const samples = [[10e6, 20e6]];
      second.ownMetrics(0, { phases: [(i + 1) * 1e6], counts: [3, 7], samples });
    }
  });
  return resultOf(closedTrial(), recorded, { exitCode: 0 });
}

function declared(name: string, unit: MetricDeclaration['unit']): MetricDeclaration {
  return { name, kind: 'histogram', unit, description: name, better: 'neither' };
}

/** A smoke test of nine requests: too few for any percentile, and nobody stopped it. */
export function tinyResult(): Result {
  const recorded = new RecordedTrial(planOf(['embed']), { warmup: 1e9, measure: 2e9 });
  recorded.second('measure', (second) => {
    for (let i = 0; i < 9; i++) second.iteration({ responseNs: 1e6 * (i + 1) });
  });
  return resultOf(closedTrial(), recorded, { exitCode: 0 });
}

export function resultOf(
  trial: ResolvedTrial,
  recorded: RecordedTrial,
  outcome: Partial<TrialOutcome>,
): Result {
  const opening = {
    trial,
    trialCount: Object.keys(trial.axes).length > 0 ? 6 : 1,
    workers: 1,
    planHash: '3f9a5c0d77e1b2a4',
    startedServers: [],
  };
  const metrics = [...recorded.total.declarations.values()];
  const warm = recorded.account('warmup');
  const measureEndNs = 2e9 + recorded.total.durationSeconds * 1e9;
  return buildResult(
    { ...trialFacts(opening, RUN, ['params.key']), metrics },
    {
      state: 'complete',
      exitCode: 0,
      phases: [
        ...(warm.due > 0 ? [{ phase: 'warmup' as const, startNs: 1e9, endNs: 2e9 }] : []),
        { phase: 'measure', startNs: 2e9, endNs: measureEndNs },
        { phase: 'drain', startNs: measureEndNs, endNs: measureEndNs + 0.4e9 },
      ],
      metrics: recorded.total,
      accounts: {
        ...(warm.due > 0 && { warmup: warm }),
        measure: recorded.account('measure'),
      },
      thresholds: [],
      failureReasons: [],
      ...outcome,
    },
    (clockNs) => new Date(WALL_MS + clockNs / 1e6).toISOString(),
  );
}

export function planOf(steps: readonly string[], target = 'embeddings'): SeriesPlan {
  return {
    flows: [{ name: 'main', tags: {} }],
    lanes: steps.map((name) => {
      return { flow: 0, step: name, target, tags: {}, phases: [], slo: false };
    }),
  };
}

/** Latencies with a long tail around `typicalNs`, the same in every run. */
export function latencies(name: string, typicalNs: number): () => number {
  const stream = randomStream(7, name);
  let drawn = 0;
  return () => Math.round(typicalNs * (0.5 + randomExponential(stream, drawn++)));
}

const REASON = {
  state: 'SUSPECT' as const,
  what: 'a worker had no time to spare',
  figure: 'worker 4 spent 97% of its time in callbacks (limit 90%)',
  remedy: 'add workers',
};
const LATE = {
  state: REASON.state,
  reasons: [`${REASON.what}: ${REASON.figure}; ${REASON.remedy}`],
  findings: [REASON],
};

/** Workers of which each is busier than the one before. */
function generatorUse(workers: number): GeneratorUse {
  return {
    workers: Array.from({ length: workers }, (_, worker) => ({
      worker,
      durationNs: 4e9,
      busyNs: 0.97e9 * (worker - workers + 5),
      spinNs: worker === 1 ? 0.4e9 : 0,
      cpuNs: 0.95e9 * (worker - workers + 5),
      gcCount: worker,
      gcNs: worker * 2.5e6,
      gcLongestNs: worker * 1.5e6,
      openConnections: 10,
    })),
    processCpuNs: 9.5e9,
    residentPeakBytes: 181e6,
    openConnectionsPeak: 50,
    processors: { total: 1_600, idle: 350, stolen: 2 },
  };
}

function threshold(
  text: string,
  status: 'passed' | 'failed' | 'undecided',
  observed: TrialOutcome['thresholds'][number]['observed'],
): TrialOutcome['thresholds'][number] {
  return { text, status, observed, reason: undefined, tags: {}, thin: false };
}
