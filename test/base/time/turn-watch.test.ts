import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readLoopMetrics, TurnWatch } from '../../../src/base/time/turn-watch.ts';

/** A loop that is driven by hand. */
class ScriptedLoop {
  loopCount = 0;
  eventsWaiting = 0;
  readonly watch = new TurnWatch(() => this);

  /** A turn whose poll found `waiting` events ready, and none of whose callbacks are ours. */
  turn(waiting = 0): void {
    this.loopCount++;
    this.eventsWaiting += waiting;
  }

  /** A turn whose poll delivered something to us at `stampNs`; gives since when it may be there. */
  reads(stampNs: number, { waiting = 0 } = {}): number {
    this.loopCount++;
    this.watch.inPoll(stampNs);
    this.watch.inPoll(stampNs + 1);
    this.eventsWaiting += waiting;
    this.watch.afterPoll(stampNs + 2);
    return this.watch.freeNs;
  }

  /** A turn that only looks at the clock. */
  spins(stampNs: number, { waiting = 0 } = {}): void {
    this.turn(waiting);
    this.watch.spun(stampNs);
  }
}

describe('the watch over turns', () => {
  it('counts from the first callback of the turn where the loop slept', () => {
    const loop = new ScriptedLoop();
    loop.reads(100);
    assert.equal(loop.reads(200), 200);
  });

  it('counts from the first callback of the turn before where something was ready', () => {
    const loop = new ScriptedLoop();
    loop.reads(100);
    assert.equal(loop.reads(200, { waiting: 1 }), 100);
  });

  it('sees a wait behind a turn that had no callback of ours', () => {
    const loop = new ScriptedLoop();
    loop.reads(100);
    loop.turn(); // It slept, and then a timer callback of somebody else took long.
    assert.equal(loop.reads(200, { waiting: 1 }), 100);
  });

  it('takes what is ready in one turn as no excuse for the next', () => {
    const loop = new ScriptedLoop();
    loop.reads(100, { waiting: 3 });
    assert.equal(loop.reads(200), 200);
  });

  it('counts turns of waiting for an arrival as turns', () => {
    const loop = new ScriptedLoop();
    loop.reads(100);
    for (const stampNs of [1_000, 2_000, 3_000]) loop.spins(stampNs);
    assert.equal(loop.reads(4_000, { waiting: 1 }), 3_000);
  });

  it('begins one turn for all the callbacks of it', () => {
    const loop = new ScriptedLoop();
    loop.reads(100);
    loop.loopCount++;
    loop.watch.inPoll(200);
    loop.eventsWaiting++;
    loop.watch.spun(210);
    loop.watch.spun(220);
    loop.watch.afterPoll(230);
    assert.equal(loop.watch.freeNs, 100);
    assert.equal(loop.reads(300, { waiting: 1 }), 200);
  });

  it('counts the time of empty turns between two looks at the clock, and no other', () => {
    const loop = new ScriptedLoop();
    loop.spins(1_000);
    loop.spins(3_000);
    assert.equal(loop.watch.spinNs, 2_000);
    loop.reads(4_000, { waiting: 1 });
    loop.spins(6_000);
    assert.equal(loop.watch.spinNs, 2_000, 'a turn lay between');
    loop.spins(7_000);
    assert.equal(loop.watch.spinNs, 3_000);
    loop.watch.spinEnded();
    loop.spins(9_000);
    assert.equal(loop.watch.spinNs, 3_000, 'the work of an arrival lay between');
    loop.spins(9_000 + 60_000);
    assert.equal(loop.watch.spinNs, 3_000, 'a turn that took so long did something else');
  });

  it('reads of the real loop that a blocked one finds events waiting', async () => {
    const { startReferenceProcess } = await import('../../support/reference-process.ts');
    const net = await import('node:net');
    const server = await startReferenceProcess();
    const socket = net.connect({ host: '127.0.0.1', port: server.port, noDelay: true });
    try {
      await new Promise((resolve) => socket.once('connect', resolve));
      const ask = (): Promise<{ waiting: number; loops: number }> =>
        new Promise((resolve) => {
          const before = readLoopMetrics();
          socket.once('data', () =>
            setImmediate(() => {
              const { eventsWaiting, loopCount } = readLoopMetrics();
              const waiting = eventsWaiting - before.eventsWaiting;
              resolve({ waiting, loops: loopCount - before.loopCount });
            }),
          );
          socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
        });
      const blocked = ask();
      setTimeout(() => {
        const untilMs = performance.now() + 30;
        while (performance.now() < untilMs);
      }, 1);
      const { waiting, loops } = await blocked;
      assert.ok(waiting >= 1, `${waiting} events were waiting`);
      assert.ok(loops >= 1);
    } finally {
      socket.destroy();
      await server.stop();
    }
  });
});
