import assert from 'node:assert/strict';
import { BASE_ROWS } from '../support/job-files.ts';
import type { SavedAccount } from '../support/run-loadgen.ts';

/** What makes a job small, laid over it; and what must have come of it. */
export interface SmallJob {
  /** Servers that have to be installed. */
  readonly needs?: readonly ('chroma' | 'postgres')[];
  /** Its thresholds are those that hold however slow a machine is. */
  readonly laidOver: string;
  /** By trial, of the measured phase. */
  readonly check: (accounts: readonly SavedAccount[]) => void;
}

/** By the number of the job. */
export const SMALL_JOBS: Readonly<Record<string, SmallJob>> = {
  '01': {
    laidOver: 'load: { vus: 4, iterations: 60, warmup: { iterations: 10 } }',
    check: ([account]) => assert.equal(account!.operations['ok'], 60),
  },
  '02': {
    laidOver: `
load: { rate: 40/s, duration: 2s, warmup: { stages: [{ to: 40/s, duration: 1s }] } }
thresholds: [error_rate == 0%]`,
    check: ([account]) => {
      const { due, started, operations } = account!;
      // A Poisson plan of 80 arrivals; ten standard deviations are never left.
      assert.ok(due > 0 && due < 170);
      assert.equal(operations['ok'], started);
    },
  },
  '03': {
    laidOver: `
data.texts.rows: 200
load.warmup.iterations: 2
sweep:
  params.tokens: [32, 128]
  level:
    single: { load.vus: 1, load.iterations: 12 }
    low: { load.vus: 4, load.iterations: 24 }
    medium: null
    high: null
trials: { repeat: 1, pause: 0s }
thresholds: ["response_time{params.tokens:32,level:low} p(50) < 30s", error_rate == 0%]`,
    check: (accounts) => {
      const counts = accounts.map(({ operations }) => operations['ok']!);
      assert.deepEqual(
        counts.toSorted((one, other) => one - other),
        [12, 12, 24, 24],
      );
    },
  },
  '04': {
    needs: ['chroma'],
    laidOver: `
data.first: { generate: vectors, dimension: 384, rows: 5, batch: 5 }
prepare:
  - { name: make, target: vectors, create: { collection: docs, dimension: 384 } }
  - { name: fill, target: vectors, ingest: { collection: docs, ids: "{{ first.id }}", vectors: "{{ first.vector }}" } }
cleanUp: [{ name: drop, target: vectors, drop: { collection: docs } }]
load: { vus: 2, iterations: 10 }
thresholds: ["error_rate{target:*} == 0%"]`,
    // Three steps, and iterations of each VU.
    check: ([account]) => assert.equal(account!.operations['ok'], 3 * 2 * 10),
  },
  '05': {
    laidOver: `
load: { vus: 4, duration: 1s, warmup: { duration: 300ms } }
steps.embed.timeout: 10s
thresholds: ["error_rate{tenant:*} == 0%"]`,
    check: ([account]) => assert.ok(account!.operations['ok']! > 20),
  },
  // Its server is another here: one that knows statistics, and answers any model with a zero.
  '06': {
    laidOver: `
targets.triton.monitor: { stats: 100ms, prometheus: null }
steps.embed: { expect: ["outputs.embedding.shape.size() >= 1"], checkShare: 100% }
load: { vus: 2, minDuration: 500ms, minSamples: 40, warmup: null }
sweep: { params.batch: [1, 4], load.vus: [2] }
thresholds: ["items{params.batch:4,load.vus:2} count >= 160", error_rate == 0%]`,
    check: (accounts) => {
      assert.deepEqual(
        accounts.map(({ operations }) => operations['ok']! >= 40),
        [true, true],
      );
    },
  },
  '07': {
    laidOver: `
targets.llm.monitor: null
data.prompts: { tokens: { uniform: [16, 64] }, outputTokens: { lognormal: { mean: 8, sd: 4, min: 2, max: 16 } }, prefix: { groups: 2, tokens: 8 } }
steps.chat.tags.promptLength.buckets: [32, 48]
load: { duration: 2s, maxInFlight: 64 }
sweep: { load.rate: [10/s] }
thresholds: ["goodput count > 0", "ttft{promptLength:..32} count > 0", error_rate == 0%]`,
    check: ([account]) => {
      const { due, operations } = account!;
      assert.ok(due > 0);
      assert.equal(operations['ok'], due);
    },
  },
  '08': {
    needs: ['postgres'],
    laidOver: `
params: { scale: 1 }
load: { vus: 4, duration: 1s, warmup: null }
thresholds: ["operations{step:tpcb,outcome:ok} count > 0", "operations{step:select,outcome:ok} count > 0", error_rate == 0%]`,
    check: ([account]) => assert.ok(account!.operations['ok']! > 20),
  },
  '09': {
    needs: ['chroma'],
    laidOver: `
data.docs.batch: 100
load: { vus: 2, duration: 300ms, warmup: null }
sweep: { params.ef: [16, 128], db: { milvus: null, weaviate: null } }
thresholds: ["recall@10{params.ef:128} avg >= 0.95", "ready_time{phase:prepare,state:indexed} max < 10m", error_rate == 0%]`,
    check: (accounts) => assert.equal(accounts.length, 2),
  },
  // Its server is another here. And it says which rows are there at the beginning.
  '10': {
    needs: ['chroma'],
    laidOver: `
targets.db: { driver: chroma, url: "\${CHROMA_URL}" }
data.base: { rows: ${BASE_ROWS / 2}, batch: 50 }
data.more: { skip: ${BASE_ROWS / 2}, batch: 10 }
data.queries.truth: { exactOver: [base, more], present: base, metric: l2, k: 100 }
prepare.make.create.index.ef: 200
flows.search.load.vus: 2
flows.freshness.load: { rate: 2/s, startAfter: 500ms, maxInFlight: 8 }
flows.ingest.load.maxInFlight: 8
thresholds:
  - operations{step:add,outcome:ok} count == ${BASE_ROWS / 2 / 10}
  - operations{step:insert,outcome:ok} count >= 2
  - poll_time{step:seen} count >= 1
  - recall@10{step:knn} avg >= 0.9
  - error_rate == 0%
cleanUp: [{ name: drop, drop: { collection: live } }]`,
    check: ([account]) => assert.equal(account!.inFlight, 0),
  },
  // The vector database is another here.
  '11': {
    needs: ['chroma', 'postgres'],
    laidOver: `
targets.vectors: { driver: chroma, url: "\${CHROMA_URL}" }
data.first: { generate: vectors, dimension: 384, rows: 2, batch: 2 }
prepare:
  - { name: make, target: vectors, create: { collection: passages, dimension: 384, fields: { text: text } } }
  - { name: fill, target: vectors, ingest: { collection: passages, ids: "{{ first.id }}", vectors: "{{ first.vector }}", fields: { text: [one, two] } } }
  - { name: table, target: pg, query: { sql: "CREATE TABLE answers (id text, answer text)" } }
cleanUp: [{ name: drop, target: vectors, drop: { collection: passages } }]
steps.retrieve.search.collection: passages
load: { duration: 2s, maxInFlight: 8 }
thresholds: ["iterations{outcome:ok} share >= 99%", "ttft{step:generate} count > 0"]`,
    check: ([account]) => {
      const { due, operations } = account!;
      assert.equal(operations['ok'], 4 * due);
    },
  },
  '12': {
    laidOver: `
data.trace.rows: 40
flows.replay.load.maxInFlight: 8
flows.speech.load.vus: 2
thresholds: ["real_time_factor{step:transcribe} last > 0", "wer{step:transcribe} avg >= 0", "ttft{step:complete} count >= 10", error_rate == 0%]`,
    check: ([account]) => assert.equal(account!.inFlight, 0),
  },
};
