import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runLoad } from '../../../src/load/executors/run-load.ts';
import { MEASURE } from '../../../src/measure/metrics/outcome.ts';
import { load, MS, ScriptedPort, SECOND, SharedRun } from './scripted-port.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test('ten million arrivals that wait take no more memory than one', async () => {
  const overload = load({
    executor: 'constant-arrival-rate',
    rate: '1000000/s',
    duration: '10s',
    maxInFlight: 1,
  });
  const run = new SharedRun();
  run.measureNs = 0;
  const port = new ScriptedPort({ load: overload, run, serviceNs: () => 3600 * SECOND });
  port.recorder.pacerLag = () => {};
  const ended = runLoad(overload, port);
  await port.clock.advanceTo(1 * MS);
  const beforeBytes = heapBytes();
  // The loop is blocked and comes back to all of them at once.
  port.clock.block(10 * SECOND);
  await port.clock.advanceBy(1);
  assert.equal(port.recorder.phases[MEASURE].waiting, 9_999_999);
  const grownBytes = heapBytes() - beforeBytes;
  assert.ok(grownBytes < 1_000_000, `the heap grew by ${grownBytes} bytes`);
  port.interrupt();
  await port.clock.advanceBy(20 * MS);
  await ended;
  assert.equal(port.recorder.phases[MEASURE].unsent['stopped'], 9_999_999);
});
