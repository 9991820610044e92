/**
 * Scenarios with one mistake each, thousands of them: every one is either still right, or has
 * problems that say where and what. `node test/fuzz/scenarios.ts [COUNT] [SEED]`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DRIVER_NAMES, loadDriver } from '../../src/drivers/registry.ts';
import { checkScenario } from '../../src/scenario/resolve-scenario.ts';
import { composedSchema } from '../../src/scenario/schema/composed-schema.ts';
import { checkMutant } from './check-mutant.ts';
import { mutantOf } from './scenario-mutants.ts';

const [count = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'loadgen-fuzz-'));
const drivers = await Promise.all(DRIVER_NAMES.map(loadDriver));
const surroundings = {
  recipes: ['embedding-node'],
  reportFormats: ['text'],
  descriptorLimit: 1024,
};
const schema = composedSchema({ drivers, reportFormats: surroundings.reportFormats });
const file = join(folder, 'scenario.yaml');
let refused = 0;
try {
  for (let number = 0; number < count; number++) {
    const mutant = mutantOf(schema, { seed, number });
    writeFileSync(file, mutant.text);
    const reading = await checkScenario({ file, environment: {}, surroundings });
    checkMutant(mutant, reading);
    if (reading.scenario === undefined) refused++;
    if (number % 1000 === 999) console.log(`${number + 1} of ${count}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${count} scenarios (seed ${seed}): ${refused} refused, each with its places`);
