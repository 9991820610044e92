import { othersShareOf, sumSamples } from '../monitors/sum-samples.ts';
import { durationText, percentText } from './figures.ts';
import type { VerdictInputs } from './judge-validity.ts';
import {
  BAD_SECOND_SHARE,
  BAD_SECONDS_LEAST,
  BAD_SECONDS_SHARE,
  BAD_TAIL_SHARE,
  LATE_RUN_SHARE,
  LATE_SEND_SHARE,
  LATE_SENDS_LEAST,
} from './limits.ts';
import {
  countFrom,
  isBad,
  lateShare,
  samplesOf,
  withLimit,
  type SecondEvidence,
} from './second-evidence.ts';
import type { VerdictReason } from './verdict.ts';
import { isStarved, workerShares } from './worker-shares.ts';

/** Whether requests left when the plan said. Of an open load alone: a closed one has no plan. */
export function judgeSends(all: VerdictInputs): VerdictReason[] {
  // Behind the last arrival rows go on until the last answer, and no send of theirs can be late.
  const inputs = { ...all, seconds: all.seconds.filter(({ arrivals }) => arrivals > 0) };
  const judgedNs = foreignResponseNs(inputs) * LATE_SEND_SHARE;
  const harmed = {
    ...inputs,
    seconds: inputs.seconds.map((second) => withLimit(second, judgedNs)),
  };
  const harm = [...badSeconds(harmed), ...lateAltogether(harmed)];
  return [...(harm.length > 0 ? harm : lateUnharmed(inputs)), ...unsent(inputs)];
}

/** Of the percentile that is judged; 0 where it has no finite value, so that nothing is excused. */
function judgedResponseNs({ measured, percent }: VerdictInputs): number {
  const judged = measured.ranked('response_time').percentile(percent);
  return judged.kind === 'not-answered' || !Number.isFinite(judged.value) ? 0 : judged.value;
}

/**
 * The same without what may have been our own doing. A starved worker makes tails of its own, of
 * which `receive_error` knows nothing: there nothing is excused.
 */
function foreignResponseNs(inputs: VerdictInputs): number {
  const { measured, percent, seconds } = inputs;
  if (workerShares(samplesOf(seconds)).some(isStarved)) return 0;
  const ownNs =
    measured.histogram('pacer_lag').percentile(percent) +
    measured.histogram('receive_error').percentile(percent);
  return Math.max(0, judgedResponseNs(inputs) - ownNs);
}

function badSeconds(inputs: VerdictInputs): VerdictReason[] {
  const { seconds } = inputs;
  const bad = seconds.filter(isBad);
  if (bad.length === 0) return [];
  const tail = heaviestTail(inputs, bad);
  const inTail =
    tail > BAD_TAIL_SHARE
      ? `, and ${percentText(tail)} of the p${inputs.percent} tail is late sends of one of them`
      : '';
  return [
    {
      state: areMany(bad, seconds) || tail > BAD_TAIL_SHARE ? 'INVALID' : 'SUSPECT',
      what: 'requests were sent late, through loadgen’s fault',
      figure: `${lateFigure(bad, seconds)}${inTail}`,
      remedy: remedy(inputs),
    },
  ];
}

/** Late beside the typical answer, and still too little to move the percentile that is judged. */
function lateUnharmed(inputs: VerdictInputs): VerdictReason[] {
  const { seconds, percent } = inputs;
  const bad = seconds.filter(isBad);
  if (!areMany(bad, seconds)) return [];
  return [
    {
      state: 'SUSPECT',
      what: `requests were sent late, which the p${percent} hides and lower percentiles may not`,
      figure: lateFigure(bad, seconds),
      remedy: remedy(inputs),
    },
  ];
}

function areMany(bad: readonly SecondEvidence[], seconds: readonly SecondEvidence[]): boolean {
  if (bad.length === 0) return false;
  const { sends, late } = sumSends(seconds);
  if (late > sends * LATE_RUN_SHARE) return true;
  return bad.length >= BAD_SECONDS_LEAST && bad.length > seconds.length * BAD_SECONDS_SHARE;
}

function sumSends(seconds: readonly SecondEvidence[]): {
  readonly sends: number;
  readonly late: number;
} {
  return seconds.reduce(
    ({ sends, late }, second) => ({ sends: sends + second.sends, late: late + second.lateSends }),
    { sends: 0, late: 0 },
  );
}

function lateFigure(bad: readonly SecondEvidence[], seconds: readonly SecondEvidence[]): string {
  const worst = bad.reduce((a, b) => (lateShare(b) > lateShare(a) ? b : a));
  return (
    `in ${bad.length} of ${seconds.length} seconds more than ${percentText(BAD_SECOND_SHARE)}` +
    ` were; in second ${worst.second} ${percentText(lateShare(worst))} were more than ` +
    `${durationText(worst.limitNs)} late, at most ${durationText(worst.lagMaxNs)}`
  );
}

/** At rates of a few a second no second is bad by itself. */
function lateAltogether(inputs: VerdictInputs): VerdictReason[] {
  const { seconds } = inputs;
  const { sends, late } = sumSends(seconds);
  if (seconds.some(isBad) || late < LATE_SENDS_LEAST || late <= sends * BAD_SECOND_SHARE) return [];
  const latestNs = seconds.reduce((most, { lagMaxNs }) => Math.max(most, lagMaxNs), 0);
  return [
    {
      state: 'INVALID',
      what: 'requests were sent late, through loadgen’s fault',
      figure: `${late} of ${sends}, at most ${durationText(latestNs)}`,
      remedy: remedy(inputs),
    },
  ];
}

/** The largest share of the judged tail that late sends of a single bad second can account for. */
function heaviestTail(inputs: VerdictInputs, bad: readonly SecondEvidence[]): number {
  const judgedNs = judgedResponseNs(inputs);
  if (judgedNs === 0) return 0;
  const { measured, percent } = inputs;
  const whole = measured.ranked('response_time').total * (1 - percent / 100);
  const shares = bad.map(({ responses, lateSends }) =>
    responses === undefined
      ? 0
      : Math.min(countFrom(responses.unpack(), judgedNs), lateSends) / whole,
  );
  return Math.min(1, Math.max(...shares));
}

/** Where only the first seconds were late, code was compiled and connections were opened. */
const COLD_SECONDS = 2;

function remedy({ seconds, workers, cores, hasWarmup }: VerdictInputs): string {
  const shares = workerShares(samplesOf(seconds));
  const starved = shares.find(isStarved);
  if (starved !== undefined) {
    return (
      `worker ${starved.worker} ran for ${percentText(starved.running)} of the time and wanted ` +
      `${percentText(starved.busy)}: ${othersText(seconds)}end what else takes CPU here`
    );
  }
  const bad = seconds.filter(isBad);
  const cold = bad.length < seconds.length && bad.every(({ second }) => second < COLD_SECONDS);
  if (!hasWarmup && bad.length > 0 && cold) {
    return 'let it warm up before it is measured (`load.warmup`): only its first seconds were late';
  }
  const busiest = shares.toSorted((a, b) => b.busy - a.busy)[0];
  if (busiest === undefined || busiest.busy < 0.5) {
    return `${othersText(seconds)}end what else takes CPU here, or give loadgen cores of its own`;
  }
  const more = workers < cores - 1 ? 'add workers' : 'lower the rate, or use a larger machine';
  const spent = percentText(busiest.busy);
  return `${more}: worker ${busiest.worker} spent ${spent} of its time in callbacks`;
}

/** `other programs had 62% of this machine’s CPU: ` */
function othersText(seconds: readonly SecondEvidence[]): string {
  const share = othersShareOf(sumSamples(samplesOf(seconds)));
  return share === undefined ? '' : `other programs had ${percentText(share)} of the CPU: `;
}

function unsent({ unsentByUs, due }: VerdictInputs): VerdictReason[] {
  if (unsentByUs === 0) return [];
  return [
    {
      state: unsentByUs > due * 0.01 ? 'INVALID' : 'SUSPECT',
      what: 'arrivals were not sent because loadgen took them up too late',
      figure: `${unsentByUs} of ${due}`,
      remedy: 'add workers, or allow more `maxLateness`',
    },
  ];
}
