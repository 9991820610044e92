import type { ResolvedFlow, ResolvedScenario, ResolvedTrial } from '../../src/scenario/resolved.ts';

/** Trials as the scenario room would resolve them. */
export function openTrial(change: Partial<ResolvedTrial> = {}): ResolvedTrial {
  return {
    ...closedTrial(),
    scenario: 'embed_open',
    flows: [
      {
        name: 'main',
        tags: {},
        steps: [step('embed')],
        load: {
          executor: 'constant-arrival-rate',
          ratePerSecond: 500,
          durationNs: 4e9,
          arrival: 'poisson',
          maxInFlight: 200,
          whenLate: 'drop',
  pacing: 'precise',
          gracefulStopNs: 30e9,
        },
      },
    ],
    ...change,
  };
}

export function closedTrial(change: Partial<ResolvedTrial> = {}): ResolvedTrial {
  return {
    scenario: 'embed_closed',
    baseFolder: '/scenarios',
    seed: 42,
    trial: 1,
    axes: {},
    params: { tokens: 128, key: 'secret-key' },
    tags: {},
    targets: {
      embeddings: {
        name: 'embeddings',
        driver: 'http',
        url: 'http://user:secret@127.0.0.1:8000/v1?token=secret',
        server: 'embedding-node',
        timeoutMs: 30_000,
        connectTimeoutMs: 5_000,
        connection: 'perVu',
        labels: { component: 'inference', framework: 'node', model: 'acme/hash-384' },
        options: {},
      },
    },
    data: {},
    flows: [
      {
        name: 'main',
        tags: {},
        steps: [step('embed')],
        load: {
          executor: 'shared-iterations',
          vus: 64,
          iterations: 2_000,
          gracefulStopNs: 30e9,
        },
      },
    ],
    thresholds: [],
    ...change,
  };
}

/** What results need of a step; the rest is for workers. */
export function step(name: string): ResolvedFlow['steps'][number] {
  return { name, target: 'embeddings' } as ResolvedFlow['steps'][number];
}

export function scenarioOf(
  trials: readonly ResolvedTrial[],
  change: Partial<ResolvedScenario> = {},
): ResolvedScenario {
  return {
    name: trials[0]!.scenario,
    file: 'scenarios/embed.yaml',
    trials,
    report: { formats: [] },
    redactedPaths: ['targets.embeddings.url', 'params.token', 'params.key'],
    effectiveConfig: {
      version: 1,
      targets: { embeddings: { driver: 'http', url: 'http://***@127.0.0.1:8000/v1' } },
    },
    ...change,
  };
}
