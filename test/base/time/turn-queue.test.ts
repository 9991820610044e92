import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../../src/base/time/clock.ts';
import { TurnQueue, type TurnConsumer } from '../../../src/base/time/turn-queue.ts';
import { TurnWatch } from '../../../src/base/time/turn-watch.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Writes down what it is given, as `name:text@stamp`. */
function recorder(name: string, log: string[]): TurnConsumer {
  return {
    takeBytes(bytes, from, to, stampNs) {
      log.push(`${name}:${bytes.toString('latin1', from, to)}@${stampNs}`);
    },
    takeEnd(stampNs) {
      log.push(`${name}:end@${stampNs}`);
    },
  };
}

function arrive(queue: TurnQueue, consumer: TurnConsumer, text: string, stampNs: number): void {
  queue.addBytes(consumer, queue.readBuffer.write(text, 'latin1'), stampNs);
}

describe('the turn queue', () => {
  it('handles what arrived in one turn afterwards, in the order of its stamps', async () => {
    const clock = new FakeClock();
    const queue = new TurnQueue(clock);
    const log: string[] = [];
    const a = recorder('a', log);
    const b = recorder('b', log);
    arrive(queue, a, 'one', 1);
    arrive(queue, b, 'two', 2);
    arrive(queue, a, 'three', 3);
    queue.addEnd(a, 4);
    assert.deepEqual(log, []);
    assert.equal(queue.waiting, 4);
    await clock.advanceBy(0);
    assert.deepEqual(log, ['a:one@1', 'b:two@2', 'a:three@3', 'a:end@4']);
    assert.equal(queue.waiting, 0);
    assert.equal(queue.handledAtOnce, 0);
  });

  it('lets a consumer go on before the next answer is handled, in one turn of the loop', async () => {
    const clock = new FakeClock();
    const queue = new TurnQueue(clock);
    const log: string[] = [];
    const consumer = (name: string): TurnConsumer => ({
      takeBytes() {
        log.push(name, `${name} goes on`);
      },
      takeEnd() {},
    });
    for (const name of ['a', 'b', 'c']) arrive(queue, consumer(name), 'x', 1);
    assert.equal(clock.pendingTurns, 1);
    await clock.advanceBy(0);
    assert.deepEqual(log, ['a', 'a goes on', 'b', 'b goes on', 'c', 'c goes on']);
  });

  it('gives what is queued while a turn is handled a turn of its own', async () => {
    const queue = new TurnQueue(systemClock);
    const log: string[] = [];
    const listener = recorder('later', log);
    const consumer: TurnConsumer = {
      takeBytes() {
        queue.addEnd(listener, 7);
        setImmediate(() => log.push('next turn'));
      },
      takeEnd() {},
    };
    arrive(queue, consumer, 'x', 1);
    arrive(queue, recorder('same', log), 'y', 2);
    while (queue.waiting > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(log, ['same:y@2', 'next turn', 'later:end@7']);
  });

  it('goes on with the rest when a consumer throws', async () => {
    const clock = new FakeClock();
    const queue = new TurnQueue(clock);
    const log: string[] = [];
    const broken: TurnConsumer = {
      takeBytes() {
        throw new Error('broken');
      },
      takeEnd() {},
    };
    arrive(queue, broken, 'x', 1);
    arrive(queue, recorder('a', log), 'y', 2);
    await assert.rejects(clock.advanceBy(0), /broken/);
    await clock.advanceBy(0);
    assert.deepEqual(log, ['a:y@2']);
  });

  it('hands bytes over as they were when they arrived, though the read buffer is shared', async () => {
    const clock = new FakeClock();
    const queue = new TurnQueue(clock);
    const log: string[] = [];
    for (let index = 0; index < 3000; index++) {
      arrive(queue, recorder(`c${index}`, log), `text ${index}`, index);
    }
    await clock.advanceBy(0);
    assert.deepEqual(
      log,
      Array.from({ length: 3000 }, (_, index) => `c${index}:text ${index}@${index}`),
    );
  });

  it('beyond its arena handles bytes at once, those of the connection before them first', async () => {
    const clock = new FakeClock();
    const queue = new TurnQueue(clock, { arenaBytes: 8 });
    const log: string[] = [];
    const a = recorder('a', log);
    const b = recorder('b', log);
    arrive(queue, a, 'aaaa', 1);
    arrive(queue, b, 'bbb', 2);
    arrive(queue, a, 'AAAA', 3);
    assert.deepEqual(log, ['a:aaaa@1', 'a:AAAA@3']);
    assert.equal(queue.handledAtOnce, 1);
    await clock.advanceBy(0);
    assert.deepEqual(log, ['a:aaaa@1', 'a:AAAA@3', 'b:bbb@2']);
    assert.equal(queue.peakBytes, 8);
  });

  it('has its whole arena again in the next turn', async () => {
    const clock = new FakeClock();
    const queue = new TurnQueue(clock, { arenaBytes: 8 });
    const log: string[] = [];
    for (let turn = 0; turn < 5; turn++) {
      arrive(queue, recorder('a', log), '12345678', turn);
      await clock.advanceBy(0);
    }
    assert.equal(queue.handledAtOnce, 0);
    assert.equal(log.length, 5);
  });

  it('tells since when the loop could have read what it handles', async () => {
    const clock = new FakeClock();
    const loop = { loopCount: 1, eventsWaiting: 0 };
    const queue = new TurnQueue(clock, { watch: new TurnWatch(() => loop) });
    const seen: number[] = [];
    const consumer: TurnConsumer = {
      takeBytes: () => void seen.push(queue.freeNs),
      takeEnd: () => assert.fail('no end was added'),
    };
    arrive(queue, consumer, 'x', 10);
    arrive(queue, consumer, 'x', 11);
    await clock.advanceBy(0);
    loop.loopCount = 2;
    arrive(queue, consumer, 'x', 20);
    loop.eventsWaiting = 1;
    await clock.advanceBy(0);
    assert.deepEqual(seen, [10, 10, 10]);
  });

  it('supposes the longest wait where a limit makes it handle bytes before the poll is over', () => {
    const loop = { loopCount: 1, eventsWaiting: 0 };
    const watch = new TurnWatch(() => loop);
    const queue = new TurnQueue(new FakeClock(), { arenaBytes: 1, watch });
    watch.afterPoll(5);
    loop.loopCount = 2;
    const seen: number[] = [];
    const consumer: TurnConsumer = {
      takeBytes: () => void seen.push(queue.freeNs),
      takeEnd: () => assert.fail('no end was added'),
    };
    arrive(queue, consumer, 'x', 20);
    arrive(queue, consumer, 'x', 21);
    assert.deepEqual(seen, [5, 5]);
  });
});
