/**
 * `npm run test:fuzz -- [cases] [seed]`: the HTTP/1.1 reader of loadgen against Node's own client,
 * on generated responses, whole and damaged, with their bytes cut at random places. A case that
 * the two read differently is made as small as possible and printed with its seed.
 */
import fc from 'fast-check';
import {
  emptyTally,
  readsAsNode,
  refusesAsNode,
  type Tally,
} from '../drivers/wire/http1/differential.ts';

/** Of one call of fast-check, which keeps an outcome for each of its cases. */
const CASES_PER_ROUND = 5_000;

const cases = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const tally = emptyTally();
const properties: readonly (readonly [name: string, check: Check])[] = [
  ['whole responses', (parameters) => fc.check(readsAsNode(), parameters)],
  ['damaged responses', (parameters) => fc.check(refusesAsNode(tally), parameters)],
];

type Check = (parameters: { seed: number; numRuns: number }) => Promise<Outcome>;
type Outcome = Pick<fc.RunDetails<unknown[]>, 'failed' | 'counterexample' | 'errorInstance'> & {
  readonly numShrinks: number;
};

console.log(`${cases} cases from seed ${seed}`);
for (let done = 0, round = 0; done < cases && process.exitCode !== 1; round++) {
  const [name, check] = properties[round % properties.length]!;
  const parameters = { seed: seed + round, numRuns: Math.min(CASES_PER_ROUND, cases - done) };
  const outcome = await check(parameters);
  done += parameters.numRuns;
  console.log(
    `${done} cases: ${name}, seed ${parameters.seed}, ${outcome.failed ? 'FAILED' : 'ok'}`,
  );
  if (outcome.failed) fail(outcome);
}
console.log(describe(tally));

function fail({ counterexample, errorInstance, numShrinks }: Outcome): void {
  process.exitCode = 1;
  const shown = counterexample!.map((part) =>
    Buffer.isBuffer(part) ? JSON.stringify(part.toString('latin1')) : JSON.stringify(part),
  );
  console.log(`smallest case, after ${numShrinks} steps (latin1 bytes, damage, cuts):`);
  console.log(shown.join('\n'));
  console.log(errorInstance instanceof Error ? errorInstance.message : String(errorInstance));
}

function describe({ acceptedByBoth, refusedByBoth, looser, stricter }: Tally): string {
  const reasons = [...stricter].map(([reason, count]) => `${count} for ${reason}`).join(', ');
  return (
    `of the damaged ones both accept ${acceptedByBoth} and both refuse ${refusedByBoth}; ` +
    `${looser} have a chunk extension that only Node judges; we alone refuse ${reasons || 'none'}`
  );
}
