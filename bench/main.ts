/**
 * `npm run bench [-- NAME...] [--repetitions N] [--seconds S] [--json FILE] [--check]`: loadgen
 * beside the tools that people would otherwise use. bench/README.md says what each case measures.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchCase } from './cases/bench-case.ts';
import { CASES } from './cases/registry.ts';
import { thisMachine, thisSource } from './machine/machine.ts';
import { ROOT, endRunning } from './machine/pinned.ts';
import { compareRatios } from './report/compare.ts';
import { keep, lastKept } from './report/kept.ts';
import type { Measurement } from './report/measurement.ts';
import type { Gate } from './report/report.ts';
import { share } from './report/figures.ts';
import { formatTable } from './report/table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repetitions: { type: 'string' },
    seconds: { type: 'string' },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
/** Of the client's core. */
const MOST_DISTURBED = 0.1;

const repetitions = optionalCount('repetitions', values.repetitions);
const seconds = optionalCount('seconds', values.seconds);

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => {
    endRunning();
    process.exit(code);
  });
}

const measurements: Measurement[] = [];
for (const chosen of chosenCases()) {
  const measurement = await measure(chosen);
  measurements.push(measurement);
  print(measurement);
  if (values.check) check(measurement);
  else keepFull(chosen, measurement);
}
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify(measurements, undefined, 2)}\n`);
}

function chosenCases(): readonly BenchCase[] {
  const unknown = positionals.filter((name) => CASES.every((known) => known.name !== name));
  if (unknown.length > 0) {
    const known = CASES.map(({ name, question }) => `  ${name.padEnd(13)} ${question}`);
    fail(`no case is called ${unknown.join(', ')}. There are:\n${known.join('\n')}`);
  }
  if (positionals.length > 0) return CASES.filter(({ name }) => positionals.includes(name));
  // The soak takes twenty minutes, which nobody wants by accident.
  return CASES.filter(({ name }) => name !== 'soak');
}

async function measure(chosen: BenchCase): Promise<Measurement> {
  const machine = thisMachine();
  const source = thisSource();
  console.log(`\n${chosen.name}: ${chosen.question} (load ${machine.loadBefore} before)`);
  const settings = {
    repetitions: repetitions ?? chosen.repetitions,
    seconds: seconds ?? chosen.seconds,
  };
  const report = await chosen.run({ ...settings, say: (line) => console.log(`  ${line}`) });
  const finishedAt = new Date().toISOString();
  return { case: chosen.name, finishedAt, ...settings, machine, source, ...report };
}

function print({ tables, gates, notes }: Measurement): void {
  for (const table of tables) console.log(`\n${formatTable(table)}`);
  console.log();
  for (const note of notes) console.log(`- ${note}`);
  judge(gates);
}

function judge(gates: readonly Gate[]): void {
  for (const { text, holds } of gates) {
    console.log(`- ${holds ? 'holds' : 'DOES NOT HOLD'}: ${text}`);
    if (!holds) process.exitCode = 1;
  }
}

function check(measurement: Measurement): void {
  const before = lastKept(measurement.case, measurement.machine.kind);
  if (before === undefined) {
    console.log(`- nothing is kept of this case on ${measurement.machine.kind}`);
    return;
  }
  console.log(
    `- beside those of ${before.finishedAt}, commit ${before.source.commit.slice(0, 12)}:`,
  );
  judge(compareRatios(measurement, before));
}

/** Neither a quick try nor a disturbed measurement is what later ones are held against. */
function keepFull(chosen: BenchCase, measurement: Measurement): void {
  const { repetitions, seconds, othersShare } = measurement;
  if (repetitions < chosen.repetitions || seconds < chosen.seconds) {
    console.log(`- not kept: needs ${chosen.repetitions} × ${chosen.seconds} s at least`);
  } else if (othersShare > MOST_DISTURBED) {
    console.log(`- not kept: other programs had ${share(othersShare)} of the client's core`);
  } else {
    console.log(`- kept in ${relative(ROOT, keep(measurement))}`);
  }
}

function optionalCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) fail(`--${name} takes a whole number, not ${text}`);
  return count;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
