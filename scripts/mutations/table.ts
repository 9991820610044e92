/** A bug that somebody might make, as a replacement of text, and the tests that must see it. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly tests: readonly string[];
}

const METRICS = 'src/measure/metrics';
const RECORDING = [
  'test/measure/metrics/worker-recorder.test.ts',
  'test/measure/metrics/interval-collector.test.ts',
];
const STORE = ['test/measure/metrics/metric-store.test.ts'];
const ARRIVALS = ['test/load/executors/open-load.test.ts'];
const BASELINE = ['test/results/baseline/compare-baseline.test.ts'];
const PLAN = ['test/load/pacing/plan.test.ts'];
const WRITTEN = ['test/measure/quality/written-rows.test.ts'];
const TRACE = ['test/load/pacing/trace-curve.test.ts'];

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'response time from when the request was sent',
    file: `${METRICS}/worker-recorder.ts`,
    find: '      doneNs - slots.intended[slot]!,',
    replace: '      doneNs - sentNs,',
    tests: RECORDING,
  },
  {
    name: 'an arrival that waited is intended when a slot is free',
    file: 'src/load/executors/arrival-queue.ts',
    find: 'this.#start(iteration, intendedNs, intendedNs, nowNs);',
    replace: 'this.#start(iteration, nowNs, nowNs, nowNs);',
    tests: ARRIVALS,
  },
  {
    name: 'values rounded to milliseconds',
    file: `${METRICS}/phase-writer.ts`,
    find: 'const value = Math.floor(valueNs + 0.5);',
    replace: 'const value = Math.round(valueNs / 1e6) * 1e6;',
    tests: RECORDING,
  },
  {
    name: 'percentiles averaged over workers',
    file: `${METRICS}/interval-data.ts`,
    find: 'if (histogram !== undefined) this.histogram(index).add(histogram);',
    replace:
      'if (histogram === undefined) return;\n' +
      '      const ours = this.histogram(index);\n' +
      '      const p99 = (ours.percentile(99) + histogram.percentile(99)) / 2;\n' +
      '      const merged = new Histogram(ours.layout);\n' +
      '      merged.record(p99, ours.count + histogram.count);\n' +
      '      this.histograms[index] = merged;',
    tests: RECORDING,
  },
  {
    name: 'failed operations leave no sample',
    file: `${METRICS}/worker-recorder.ts`,
    find: 'if (!ok && IS_FAILED[outcome] === 0) return;',
    replace: 'if (!ok) return;',
    tests: RECORDING,
  },
  {
    name: 'failed operations do not rank',
    file: `${METRICS}/ranked-latency.ts`,
    find: "sumOver(lanes, (lane) => source.counter('operations', { ...lane, outcome: 'failed' })) +",
    replace: '',
    tests: STORE,
  },
  {
    name: 'unsent iterations do not rank',
    file: `${METRICS}/ranked-latency.ts`,
    find: '    unsentOf(source, ofFirstSteps)\n',
    replace: '    0\n',
    tests: STORE,
  },
  {
    name: 'arrivals without a slot are forgotten',
    file: 'src/load/executors/arrival-queue.ts',
    find: "else if (this.#model.whenLate === 'drop') this.#unsent('no_slot', 1);",
    replace: "else if (this.#model.whenLate === 'drop') return;",
    tests: ARRIVALS,
  },
  {
    name: 'unsent iterations are missing in the account',
    file: `${METRICS}/account.ts`,
    find: 'unequal({ due }, { started, unsent, waiting }) ??',
    replace: 'unequal({ due }, { started: due - waiting, waiting }) ??',
    tests: ['test/measure/metrics/account.test.ts'],
  },
  {
    name: 'a published buffer is written on',
    file: `${METRICS}/phase-writer.ts`,
    find:
      '      this.#cells = this.#buffers[other]!.cells;\n' +
      '      this.#statistics = this.#buffers[other]!.statistics;\n',
    replace: '',
    tests: RECORDING,
  },
  {
    name: 'a buffer is read that is still being written',
    file: `${METRICS}/phase-reader.ts`,
    find: 'return this.#inState(BUFFER_STATE.ready).map((buffer) => {',
    replace: 'return this.#inState(BUFFER_STATE.writing).map((buffer) => {',
    tests: RECORDING,
  },
  {
    name: 'a buffer keeps its statistics after it was read',
    file: `${METRICS}/phase-reader.ts`,
    find: '    clearStatistics(statistics);\n',
    replace: '',
    tests: RECORDING,
  },
  {
    name: 'a share of the plan begins one event late',
    file: 'src/load/pacing/plan.ts',
    find: 'this.index < share.index',
    replace: 'this.index <= share.index',
    tests: PLAN,
  },
  {
    name: 'a share of the plan steps one event too far',
    file: 'src/load/pacing/plan.ts',
    find: 'for (let left = this.#share.count;',
    replace: 'for (let left = this.#share.count + 1;',
    tests: PLAN,
  },
  {
    name: 'Poisson arrivals are evenly spaced',
    file: 'src/load/pacing/arrival.ts',
    find: 'previous + randomExponential(stream, index)',
    replace: 'previous + 1 + 0 * randomExponential(stream, index)',
    tests: PLAN,
  },
  {
    name: 'the warm-up is counted in',
    file: `${METRICS}/worker-recorder.ts`,
    find: 'const writer = this.#writers[phase]!;\n    this.#readTimes();',
    replace: 'const writer = this.#writers[MEASURE]!;\n    this.#readTimes();',
    tests: RECORDING,
  },
  {
    name: 'late records are dropped',
    file: `${METRICS}/worker-recorder.ts`,
    find: 'writer.operationEnded(doneNs);',
    replace: 'writer.operationEnded(doneNs);\n    if (doneNs < writer.fromNs) return;',
    tests: RECORDING,
  },
  {
    name: 'throughput counts what ended after T1',
    file: `${METRICS}/worker-recorder.ts`,
    find: '      doneNs < this.#windowToNs[phase]! &&\n',
    replace: '',
    tests: RECORDING,
  },
  {
    name: 'a timeout counts as ok',
    file: 'src/drivers/vocabulary/http/http-session.ts',
    find: 'this.#fail(OUTCOME.timeout, this.#timeoutReason(), this.#client.clock.nowNs());',
    replace: 'this.#fail(OUTCOME.ok, this.#timeoutReason(), this.#client.clock.nowNs());',
    tests: ['test/drivers/http/http-timeouts.test.ts'],
  },
  {
    name: 'an answer after its timeout counts as ok',
    file: 'src/drivers/vocabulary/http/http-session.ts',
    find: '} else if (stampNs > this.#deadlineNs) {',
    replace: '} else if (stampNs > Number.POSITIVE_INFINITY) {',
    tests: ['test/drivers/http/http-timeouts.test.ts'],
  },
  {
    name: 'a transaction that was begun again is not counted',
    file: 'src/drivers/vocabulary/postgres/postgres-session.ts',
    find: '    this.#shared.slots.counts[RETRIES_COUNT]![this.#slot]!++;\n',
    replace: '',
    tests: ['test/drivers/postgres/postgres-transactions.test.ts'],
  },
  {
    name: 'an error of PostgreSQL counts as ok',
    file: 'src/drivers/vocabulary/postgres/postgres-session.ts',
    find: 'isOverload(error) ? OUTCOME.rejected : OUTCOME.status_error;',
    replace: 'isOverload(error) ? OUTCOME.rejected : OUTCOME.ok;',
    tests: ['test/drivers/postgres/postgres-failures.test.ts'],
  },
  {
    name: 'a failed transaction is left open',
    file: 'src/drivers/vocabulary/postgres/postgres-session.ts',
    find: 'if (status === STATUS.failed ||',
    replace: 'if (status === 0 ||',
    tests: ['test/drivers/postgres/postgres-transactions.test.ts'],
  },
  {
    name: 'a failed expectation counts as ok',
    file: 'src/iteration/judge.ts',
    find: 'return OUTCOME.check_failed;',
    replace: 'return OUTCOME.ok;',
    tests: ['test/iteration/flow-outcomes.test.ts'],
  },
  {
    name: 'a percentile is one rank too low',
    file: `${METRICS}/histogram.ts`,
    find: 'return Math.max(1, Math.ceil(rank - rank * 1e-15));',
    replace: 'return Math.max(1, Math.floor(rank - rank * 1e-15));',
    tests: ['test/measure/metrics/histogram.test.ts'],
  },
  {
    name: 'a percentile of too few samples is shown',
    file: `${METRICS}/ranked-latency.ts`,
    find: "if (total < needs) return { kind: 'too-few', needs, value };",
    replace: "if (total < 1) return { kind: 'too-few', needs, value };",
    tests: STORE,
  },
  {
    name: 'cancelled operations dilute the error rate',
    file: `${METRICS}/share-of-metric.ts`,
    find: " - ended('cancelled'),",
    replace: ',',
    tests: STORE,
  },
  {
    name: 'an answer is stamped when it is handled and not when it arrived',
    file: 'src/base/time/turn-queue.ts',
    find: 'const stampNs = this.#stamps[entry]!;',
    replace: 'const stampNs = this.#clock.nowNs();',
    tests: ['test/base/time/turn-queue.test.ts'],
  },
  {
    name: 'a ramp reaches each of its VUs half a VU late',
    file: 'src/load/pacing/vu-curve.ts',
    find: 'const level = vu + 0.5;',
    replace: 'const level = vu + 0.999;',
    tests: ['test/load/pacing/vu-curve.test.ts'],
  },
  {
    name: 'a ramp never interrupts the VUs that it takes away',
    file: 'src/load/executors/ramp-downs.ts',
    find: '      else over(slot);\n',
    replace: '',
    tests: ['test/load/executors/ramping-vus.test.ts'],
  },
  {
    name: 'the VUs of two workers run the same of their own iterations',
    file: 'src/load/executors/own-iterations.ts',
    find: 'const vu = slot * this.#share.count + this.#share.index;',
    replace: 'const vu = slot;',
    tests: ['test/load/executors/per-vu-iterations.test.ts'],
  },
  {
    name: 'a trace is thinned row by row',
    file: 'src/load/pacing/trace-curve.ts',
    find: 'if (isKept(session, rules)) kept.push(row);',
    replace: 'if (isKept(`${row} ${session}`, rules)) kept.push(row);',
    tests: TRACE,
  },
  {
    name: 'an arrival of a thinned trace reads the row of its place',
    file: 'src/load/pacing/plan.ts',
    find: 'return numbers === undefined ? this.index : numbers[this.index]!;',
    replace: 'return numbers === undefined ? -1 : this.index;',
    tests: TRACE,
  },
  {
    name: 'gamma arrivals vary less than asked for',
    file: 'src/base/random/continuous-random.ts',
    find: 'const shape = 1 / (cv * cv);',
    replace: 'const shape = 1 / cv;',
    tests: PLAN,
  },
  {
    name: 'think time counts from when it is begun',
    file: 'src/iteration/flow-loop.ts',
    find: 'const fromNs = index === 0 ? place.intendedNs : slots.done[slot]!;',
    replace: 'const fromNs = this.#nowNs();',
    tests: ['test/iteration/think-time.test.ts'],
  },
  {
    name: 'one of two minima ends a load',
    file: 'src/run/runner/phase-keeper.ts',
    find: 'const holds = ended(MEASURE) >= minima.iterations;',
    replace: 'const holds = true;',
    tests: ['test/run/runner/phase-keeper.test.ts'],
  },
  {
    name: 'baseline: limits of the wrong side',
    file: 'src/measure/statistics/ratio-interval.ts',
    find: 'Math.hypot(mine.below, theirs.above)',
    replace: 'Math.hypot(mine.below, mine.above)',
    tests: ['test/measure/statistics/ratio-interval.test.ts'],
  },
  {
    name: 'baseline: a regression called by its middle alone',
    file: 'src/results/baseline/compare-baseline.ts',
    find: 'const regressed = isRate ? top < limit : low > limit;',
    replace: 'const regressed = isRate ? ratio < limit : ratio > limit;',
    tests: BASELINE,
  },
  {
    name: 'baseline: less throughput counts as better',
    file: 'src/results/baseline/compare-baseline.ts',
    find: 'const isRate = percent === null;',
    replace: 'const isRate = false;',
    tests: BASELINE,
  },
  {
    name: 'baseline: what nothing decided passes',
    file: 'src/results/baseline/compare-baseline.ts',
    find: "? 'held' : 'undecided';\n}",
    replace: "? 'held' : 'held';\n}",
    tests: BASELINE,
  },
  {
    name: 'outputs: buckets shifted by one',
    file: 'src/outputs/cumulative-metrics.ts',
    find: 'to > bounds[bucket]! * unitsPerOne',
    replace: 'to >= bounds[Math.max(0, bucket - 1)]! * unitsPerOne',
    tests: ['test/outputs/prometheus-text.test.ts'],
  },
  {
    name: 'outputs: what does not fit is not counted',
    file: 'src/outputs/bounded-queue.ts',
    find: "this.#count.drop('it took too long');",
    replace: '{}',
    tests: ['test/outputs/bounded-queue.test.ts'],
  },
  {
    name: 'a row that is being written counts as there',
    file: 'src/measure/quality/row-ledger.ts',
    find: '        one.ackedNs <= window.sentNs &&\n        all.every(',
    replace: '        one.beganNs <= window.sentNs &&\n        all.every(',
    tests: WRITTEN,
  },
  {
    name: 'a row that may be there is none that an answer may have',
    file: 'src/measure/quality/written-rows.ts',
    find: "presence === 'there' || (presence === 'possible' && found.has(id))",
    replace: "presence === 'there'",
    tests: WRITTEN,
  },
  {
    name: 'answers in another order are the same answers',
    file: 'src/measure/quality/answer-digests.ts',
    find: 'digestOf([answer]) || 1',
    replace: 'digestOf([Array.from(answer as number[]).toSorted((a, b) => a - b)]) || 1',
    tests: ['test/measure/quality/answer-digests.test.ts'],
  },
];
