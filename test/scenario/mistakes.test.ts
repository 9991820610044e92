import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DRIVER_NAMES, loadDriver } from '../../src/drivers/registry.ts';
import { composedSchema } from '../../src/scenario/schema/composed-schema.ts';
import { checkMutant } from '../fuzz/check-mutant.ts';
import { mutantOf, WHOLE_SCENARIO } from '../fuzz/scenario-mutants.ts';
import { ScenarioFolder } from './support/scenario-file.ts';

const drivers = await Promise.all(DRIVER_NAMES.map(loadDriver));
const schema = composedSchema({ drivers, reportFormats: ['text', 'json', 'junit'] });

test('a scenario that uses every section is right', async (t) => {
  const problems = await new ScenarioFolder(t).problems(JSON.stringify(WHOLE_SCENARIO));
  assert.deepEqual(problems, []);
});

test('any mistake is a problem with its place, in words that are meant for people', async (t) => {
  const folder = new ScenarioFolder(t);
  let refused = 0;
  for (let number = 0; number < 300; number++) {
    const mutant = mutantOf(schema, { seed: 1, number });
    const reading = await folder.check(mutant.text);
    checkMutant(mutant, reading);
    if (reading.scenario === undefined) refused++;
  }
  assert.ok(refused > 150, `${refused} refused`);
});
