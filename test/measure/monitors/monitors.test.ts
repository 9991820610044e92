import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseProcessorTime } from '../../../src/measure/monitors/processor-time.ts';
import { TrialMonitor } from '../../../src/measure/monitors/trial-monitor.ts';
import { VitalsBoard } from '../../../src/measure/monitors/worker-vitals.ts';

const VITALS = {
  atNs: 1e9,
  busyNs: 0,
  spinNs: 0,
  cpuNs: 0,
  gcCount: 0,
  gcNs: 0,
  openConnections: 0,
};

describe('the monitor of a trial', () => {
  it('gives what happened from one look to the next, and leaves out silent workers', () => {
    const memories = [VitalsBoard.allocate(), VitalsBoard.allocate()];
    const [first, second] = memories.map((memory) => new VitalsBoard(memory));
    first!.write(VITALS);
    const monitor = new TrialMonitor(memories);
    second!.write(VITALS);
    first!.write({ ...VITALS, atNs: 3e9, busyNs: 1e9, cpuNs: 5e8, gcCount: 2, openConnections: 7 });
    first!.noteGarbageCollection(4e6);
    first!.noteGarbageCollection(3e6);
    const { workers, residentBytes } = monitor.take();
    assert.deepEqual(workers, [
      {
        worker: 0,
        durationNs: 2e9,
        busyNs: 1e9,
        spinNs: 0,
        cpuNs: 5e8,
        gcCount: 2,
        gcNs: 0,
        gcLongestNs: 4e6,
        openConnections: 7,
      },
    ]);
    assert.ok(residentBytes > 1e6);
    assert.deepEqual(monitor.take().workers, []);
  });
});

describe('the time of the processors', () => {
  it('is read from the first line of /proc/stat, guests within their users', () => {
    const text = 'cpu  100 10 50 800 5 1 4 30 7 2\ncpu0 50 5 25 400 2 0 2 15 3 1\n';
    assert.deepEqual(parseProcessorTime(text), { total: 1000, idle: 805, stolen: 30 });
  });

  it('is not known from anything else', () => {
    assert.equal(parseProcessorTime('intr 1 2 3'), undefined);
    assert.equal(parseProcessorTime('cpu  1 2 3'), undefined);
  });
});
