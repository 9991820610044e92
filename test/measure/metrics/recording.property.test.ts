import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkAccount } from '../../../src/measure/metrics/account.ts';
import { MetricStore } from '../../../src/measure/metrics/metric-store.ts';
import { MEASURE, PHASES, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { SECOND } from './recorded-world.ts';
import { happenings, RandomLoad, randomPlan, type Happening } from './random-load.ts';

/** A random history on one to four workers, with a reader that polls when it happens to. */
const histories = fc.record({
  workers: fc.integer({ min: 1, max: 4 }),
  warmupNs: fc.constantFrom(0, 0.7 * SECOND, 2.25 * SECOND),
  measureNs: fc.constantFrom(3 * SECOND, 4.5 * SECOND, Number.POSITIVE_INFINITY),
  happenings,
});

/** Once found: a worker that publishes nothing for two seconds, and ends right behind them. */
const endsBehindASecond = {
  workers: 2,
  warmupNs: 0,
  measureNs: 3 * SECOND,
  happenings: [
    happening('start', 0, 0.2856),
    happening('start', 1, 0.3581),
    happening('turn', 0, 0.3564),
    happening('start', 0, 0.2638),
    happening('poll', 0, 0.3229),
    happening('attempt', 1, 0.1789),
    happening('finish', 1, 0.2345),
  ],
};

function happening(kind: Happening['kind'], worker: number, stepSeconds: number): Happening {
  return { kind, worker, choice: 0, stepNs: stepSeconds * SECOND, latencyNs: 0, delayNs: 0 };
}

function property(check: (load: RandomLoad) => void, numRuns = 150): void {
  fc.assert(
    fc.property(histories, (history) => {
      const load = new RandomLoad(history.workers, history.warmupNs, history.measureNs);
      load.play(history.happenings);
      load.finish();
      check(load);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? numRuns), examples: [[endsBehindASecond]] },
  );
}

test('totals are what a recount of everything that happened gives', () => {
  property((load) => {
    const { total } = load.world.collector;
    for (const [phase, name] of PHASES.entries()) {
      const { due, started, unsent, attempted, lost } = load.counts[phase]!;
      const ended = load.ended.filter((operation) => operation.phase === phase);
      const count = (metric: string, tags = {}): number =>
        total.counter(metric, { ...tags, phase: name });
      assert.deepEqual(
        [count('due'), count('started'), count('unsent'), count('attempted')],
        [due, started, unsent, attempted],
      );
      for (const outcome of ['ok', 'timeout', 'cancelled']) {
        const recount = ended.filter((operation) => operation.outcome === outcome).length;
        assert.equal(count('operations', { outcome }), recount, outcome);
      }
      const interrupted = ended.filter(({ outcome }) => outcome === 'interrupted').length + lost;
      assert.equal(count('operations', { outcome: 'interrupted' }), interrupted);
      for (const [index, outcome] of ['ok', 'failed', 'aborted', 'interrupted'].entries()) {
        assert.equal(count('iterations', { outcome }), load.iterations[phase]![index], outcome);
      }
    }
  });
});

test('every latency is recorded once, in the series of its lane, phase and outcome', () => {
  property((load) => {
    const { total } = load.world.collector;
    for (const [phase, name] of PHASES.entries()) {
      for (const [lane, { step, tags }] of randomPlan.lanes.entries()) {
        for (const outcome of ['ok', 'failed']) {
          const asked = { step, ...tags, phase: name, outcome };
          const recount = load.responseTimes(phase, lane, outcome === 'ok');
          assert.deepEqual(total.histogram('response_time', asked).toRecord(), recount.toRecord());
        }
      }
    }
  });
});

test('rows add up to the totals, series by series', () => {
  property((load) => {
    const sum = MetricStore.empty(load.world.layout);
    for (const row of load.rows) sum.add(row.metrics);
    assert.deepEqual(sum.toRecords(), load.world.collector.total.toRecords());
  }, 60);
});

test('the account balances at the end of every row, and nothing is open at the last', () => {
  property((load) => {
    for (const row of load.rows) assert.equal(checkAccount(row.account, false), undefined);
    for (const phase of [WARMUP, MEASURE]) {
      assert.equal(checkAccount(load.world.collector.account(phase), true), undefined);
    }
    for (const name of PHASES) {
      const last = load.rows.findLast((row) => row.phase === name);
      if (last !== undefined) assert.equal(checkAccount(last.account, true), undefined);
    }
  });
});

test('rows of a phase follow one another without gap or overlap', () => {
  property((load) => {
    for (const [phase, name] of PHASES.entries()) {
      const rows = load.rows.filter((row) => row.phase === name);
      let endNs = load.world.times.phaseStartNs(phase);
      for (const row of rows) {
        // Rows of the warm-up that nobody misses are left out after T0.
        if (phase === WARMUP && row.startedAtNs > load.world.times.t0Ns) {
          assert.ok(row.startedAtNs >= endNs);
        } else {
          assert.equal(row.startedAtNs, endNs);
        }
        endNs = row.startedAtNs + row.durationNs;
        assert.ok(row.durationNs <= row.seconds * SECOND);
      }
    }
  });
});

test('an operation is in the row in which it ended, unless it was counted as late', () => {
  property((load) => {
    for (const [phase, name] of PHASES.entries()) {
      let late = 0;
      let counted = 0;
      const rows = load.rows.filter((one) => one.phase === name);
      for (const row of rows) {
        const endNs = row.startedAtNs + row.durationNs;
        const isLast = row === rows.at(-1);
        const lost = row.account.operations.interrupted!;
        // The last row has its end too: workers close, or have died, at that of their last answer.
        const isIn = (doneNs: number): boolean =>
          doneNs < endNs || endNs === load.nowNs || (isLast && doneNs === endNs);
        const endedBefore = load.ended.filter((one) => one.phase === phase && isIn(one.doneNs));
        late += row.metrics.counter('late_records', { phase: name });
        counted += row.metrics.counter('operations', { phase: name });
        // What is missing here comes in later rows, and is late there.
        const lateLater =
          load.world.collector.total.counter('late_records', { phase: name }) - late;
        assert.ok(counted - lost <= endedBefore.length, 'in a row before it ended');
        assert.ok(counted >= endedBefore.length - lateLater, 'missing, and not late');
      }
    }
  });
});
