import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { VerdictInputs } from '../../../src/measure/validity/judge-validity.ts';
import type { VerdictState } from '../../../src/measure/validity/verdict.ts';
import { MS, SECOND } from '../metrics/recorded-world.ts';
import { judge, repeated, sample, sends, type Second } from './validity-world.ts';

interface Case {
  readonly title: string;
  readonly seconds: readonly Second[];
  readonly inputs?: Partial<VerdictInputs>;
  readonly state: VerdictState;
  /** In this order, a part of each reason. */
  readonly reasons?: readonly RegExp[];
}

const calm: Second = { lagsNs: sends(100) };
const busy: Second = { ...calm, monitors: sample({ busyNs: 0.97 * SECOND, cpuNs: 0.96 * SECOND }) };
const starved: Second = {
  lagsNs: sends(100, 50),
  monitors: sample({ busyNs: 0.9 * SECOND, spinNs: 0, cpuNs: 0.1 * SECOND }),
};

const cases: readonly Case[] = [
  { title: 'a calm open run', seconds: repeated(10, calm), state: 'VALID' },
  {
    title: 'a calm closed run',
    seconds: repeated(10, calm),
    inputs: { isOpen: false },
    state: 'VALID',
  },
  {
    title: 'two seconds of ten with many late sends',
    seconds: [...repeated(8, calm), ...repeated(2, { lagsNs: sends(100, 10) })],
    state: 'INVALID',
    reasons: [/late.*2 of 10 seconds.*10% were more than 1 ms late, at most 20 ms/],
  },
  {
    title: 'a few late sends in every second, too few to make one bad',
    seconds: repeated(10, { lagsNs: sends(100, 4) }),
    state: 'VALID',
  },
  {
    title: 'many late sends of a closed run, which has no plan',
    seconds: repeated(10, { lagsNs: sends(100, 90) }),
    inputs: { isOpen: false },
    state: 'VALID',
  },
  {
    title: 'sends that are late by less than a twentieth of the service time',
    seconds: repeated(10, { lagsNs: sends(100, 50), serviceNs: 450 * MS }),
    state: 'VALID',
  },
  {
    title: 'one bad second of ten that holds the whole tail',
    seconds: [...repeated(9, { lagsNs: sends(200) }), { lagsNs: sends(200, 30) }],
    state: 'INVALID',
    reasons: [/1 of 10 seconds.*of the p99 tail is late sends of one of them/],
  },
  {
    title: 'one second of ten with late sends while the tail lies elsewhere',
    seconds: [
      ...repeated(4, { lagsNs: sends(1000) }),
      ...repeated(5, { lagsNs: sends(1000), serviceNs: 300 * MS }),
      { lagsNs: sends(1000, 100, 2 * MS) },
    ],
    state: 'VALID',
  },
  {
    title: 'five seconds with sends that are late beside the median and not beside the tail',
    seconds: [
      ...repeated(5, { lagsNs: sends(1000, 100, 2 * MS) }),
      ...repeated(5, { lagsNs: sends(1000), serviceNs: 300 * MS }),
    ],
    state: 'SUSPECT',
    reasons: [/p99 hides.*5 of 10 seconds.*10% were more than 1 ms late, at most 2 ms/],
  },
  {
    title: 'the same with sends that are late beside the tail too',
    seconds: [
      ...repeated(5, { lagsNs: sends(1000, 100, 60 * MS) }),
      ...repeated(5, { lagsNs: sends(1000), serviceNs: 300 * MS }),
    ],
    state: 'INVALID',
    reasons: [/5 of 10 seconds.*10% were more than 1[1-5] ms late, at most 60 ms/],
  },
  {
    title: 'one second of ten with late sends that are a tail of their own',
    seconds: [
      ...repeated(9, { lagsNs: sends(1000), serviceNs: 90 * MS }),
      { lagsNs: sends(1000, 60, 8 * MS), serviceNs: 90 * MS },
    ],
    state: 'INVALID',
    reasons: [/1 of 10 seconds.*60% of the p99 tail is late sends/],
  },
  {
    title: 'late sends of a starved worker beside a long tail',
    seconds: [
      ...repeated(5, { ...starved, lagsNs: sends(1000, 100, 2 * MS) }),
      ...repeated(5, { ...starved, lagsNs: sends(1000), serviceNs: 300 * MS }),
    ],
    state: 'INVALID',
    reasons: [/5 of 10 seconds.*10% were more than 1 ms late/, /kept from its core/],
  },
  {
    title: 'late sends beside a tail that loadgen itself may have made',
    seconds: [
      ...repeated(5, { lagsNs: sends(1000, 100, 2 * MS) }),
      ...repeated(5, { lagsNs: sends(1000), serviceNs: 300 * MS, receiveErrorNs: 299 * MS }),
    ],
    state: 'INVALID',
    reasons: [/5 of 10 seconds.*10% were more than 1 ms late/, /may have waited/],
  },
  {
    title: 'one late send a second at one request a second',
    seconds: repeated(20, { lagsNs: [20 * MS] }),
    state: 'INVALID',
    reasons: [/20 of 20, at most 20 ms/],
  },
  {
    title: 'a worker kept from its core',
    seconds: repeated(5, starved),
    state: 'INVALID',
    reasons: [
      /late.*ran for 10% of the time and wanted 90%: other programs had \d+% of the CPU: end what else/,
      /kept from its core/,
    ],
  },
  {
    title: 'a busy worker of a closed run',
    seconds: repeated(5, busy),
    inputs: { isOpen: false, cores: 8 },
    state: 'SUSPECT',
    reasons: [/lower bound.*worker 0 spent 97% of its time in callbacks.*; add workers$/],
  },
  {
    title: 'a busy worker where there are no cores left',
    seconds: repeated(5, busy),
    inputs: { isOpen: false, workers: 1, cores: 2 },
    state: 'SUSPECT',
    reasons: [/more cores/],
  },
  {
    title: 'a worker that spins while it waits, and is not busy',
    seconds: repeated(5, {
      ...calm,
      monitors: sample({ busyNs: 0.2 * SECOND, spinNs: 0.79 * SECOND, cpuNs: 0.98 * SECOND }),
    }),
    state: 'VALID',
  },
  {
    title: 'answers that waited for a tenth of the service time',
    seconds: repeated(10, { ...calm, receiveErrorNs: 0.1 * MS }),
    state: 'SUSPECT',
    reasons: [/receive_error p99 is 100 µs, 10% of the service time’s 1 ms/],
  },
  {
    title: 'answers that waited while others had the machine',
    seconds: repeated(10, {
      ...calm,
      receiveErrorNs: 0.1 * MS,
      monitors: { ...sample(), processors: { total: 200, idle: 20, stolen: 0 } },
    }),
    state: 'SUSPECT',
    reasons: [/error bar of the latencies; other programs had 90% of the CPU/],
  },
  {
    title: 'answers that waited for a fiftieth of it',
    seconds: repeated(10, { ...calm, receiveErrorNs: 0.02 * MS }),
    state: 'VALID',
  },
  {
    title: 'garbage collection for a tenth of the time',
    seconds: repeated(5, {
      ...calm,
      monitors: sample({ gcNs: 0.1 * SECOND, gcLongestNs: 40 * MS }),
    }),
    state: 'SUSPECT',
    reasons: [/worker 0: 10% \(limit 5%\), the longest pause 40 ms/],
  },
  {
    title: 'a hypervisor that takes a tenth',
    seconds: repeated(5, { ...calm, monitors: sample({}, 0.1) }),
    state: 'SUSPECT',
    reasons: [/hypervisor.*10%/],
  },
  {
    title: 'fewer connections than asked for',
    seconds: repeated(5, calm),
    inputs: { isOpen: false, connectionsAsked: 20 },
    state: 'SUSPECT',
    reasons: [/10 of 20 in the median second/],
  },
  {
    title: 'all the connections asked for',
    seconds: repeated(5, calm),
    inputs: { isOpen: false, connectionsAsked: 10 },
    state: 'VALID',
  },
  {
    title: 'a few connections that the machine refused',
    seconds: repeated(5, calm),
    inputs: { refusedHere: 5 },
    state: 'SUSPECT',
    reasons: [/5 times/],
  },
  {
    title: 'many connections that the machine refused',
    seconds: repeated(5, calm),
    inputs: { refusedHere: 6 },
    state: 'INVALID',
    reasons: [/ulimit/],
  },
  {
    title: 'arrivals dropped because they were taken up late',
    seconds: repeated(5, calm),
    inputs: { unsentByUs: 6 },
    state: 'INVALID',
    reasons: [/6 of 500/],
  },
  {
    title: 'a lost worker',
    seconds: repeated(5, calm),
    inputs: { lostWorkers: [1] },
    state: 'INVALID',
    reasons: [/worker 1 ended before the run did/],
  },
  {
    title: 'a rule of its own that did not hold',
    seconds: repeated(5, calm),
    inputs: { brokenRules: [{ text: 'pacer_lag p(99) < 1us', observed: '9', invalid: false }] },
    state: 'SUSPECT',
    reasons: [/pacer_lag p\(99\) < 1us \(9\)/],
  },
  {
    title: 'the same with invalid: true, behind a lesser reason',
    seconds: repeated(5, busy),
    inputs: { brokenRules: [{ text: 'x', observed: '9', invalid: true }] },
    state: 'INVALID',
    reasons: [/x \(9\)/, /callbacks/],
  },
  { title: 'a run without a second', seconds: [], state: 'NOT_JUDGED' },
  {
    title: 'a closed run without samples of its worker',
    seconds: repeated(3, { ...calm, monitors: { ...sample(), workers: [] } }),
    inputs: { isOpen: false },
    state: 'NOT_JUDGED',
  },
];

describe('the verdict', () => {
  for (const { title, seconds, inputs, state, reasons = [] } of cases) {
    it(`on ${title} is ${state}`, () => {
      const verdict = judge(seconds, inputs);
      const told = verdict.reasons.map(
        ({ what, figure, remedy }) => `${what}: ${figure}; ${remedy}`,
      );
      assert.equal(verdict.state, state, told.join('\n'));
      assert.equal(told.length, reasons.length, told.join('\n'));
      reasons.forEach((reason, index) => assert.match(told[index]!, reason));
    });
  }

  it('never gets better through more late sends', () => {
    const rank = { NOT_JUDGED: 0, VALID: 0, SUSPECT: 1, INVALID: 2 };
    const lateCounts = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(lateCounts, fc.nat(7), fc.integer({ min: 1, max: 50 }), (late, at, more) => {
        const worse = late.map((count, index) =>
          index === at % late.length ? Math.min(50, count + more) : count,
        );
        const stateOf = (counts: readonly number[]): VerdictState =>
          judge(counts.map((count) => ({ lagsNs: sends(50, count) }))).state;
        assert.ok(rank[stateOf(worse)] >= rank[stateOf(late)]);
      }),
      { numRuns: 100 },
    );
  });

  it('has a reason for every verdict but VALID, and none for that', () => {
    const second = fc.record({
      lagsNs: fc.array(fc.integer({ min: 0, max: 5 * MS }), { minLength: 1, maxLength: 20 }),
      receiveErrorNs: fc.integer({ min: 0, max: MS }),
      monitors: fc
        .tuple(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 0.2, noNaN: true }),
        )
        .map(([share, steal]) => sample({ busyNs: share * SECOND, cpuNs: share * SECOND }, steal)),
    });
    fc.assert(
      fc.property(fc.array(second, { minLength: 1, maxLength: 6 }), fc.boolean(), (all, isOpen) => {
        const { state, reasons } = judge(all, { isOpen });
        assert.equal(state === 'VALID', reasons.length === 0);
        assert.equal(
          state === 'INVALID',
          reasons.some((reason) => reason.state === 'INVALID'),
        );
        for (const { what, figure, remedy } of reasons) {
          assert.ok(what !== '' && remedy !== '');
          assert.doesNotMatch(figure, /NaN|Infinity|undefined/);
        }
        // Only when a plan was to be kept can it have been missed.
        if (!isOpen) assert.notEqual(state, 'INVALID');
      }),
      { numRuns: 100 },
    );
  });
});
