import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DRIVER_COMMANDS, DRIVER_NAMES, loadDriver } from '../../src/drivers/registry.ts';

test('each driver has the commands that the registry says it has, and no others', async () => {
  for (const name of DRIVER_NAMES) {
    const { commands } = await loadDriver(name);
    const found = Object.keys((await commands?.()) ?? {}).toSorted();
    const said = (DRIVER_COMMANDS[name] ?? []).map((row) => row.name).toSorted();
    assert.deepEqual(found, said, name);
  }
});
