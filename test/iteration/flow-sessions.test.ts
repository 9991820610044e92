import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowFixture, SLOT_BASE, stepOf } from './flow-fixture.ts';

const TWO_TARGETS = [
  stepOf({ name: 'a' }),
  stepOf({ name: 'b', target: 'second' }),
  stepOf({ name: 'c' }),
];

test('a VU has one session a target, opened when it is first needed and kept', async () => {
  const fixture = await FlowFixture.create(TWO_TARGETS);
  assert.equal(fixture.flow.sessionsOpen, 0);
  await fixture.run(0, 1);
  await fixture.run(1, 1);
  const slots = [...fixture.drivers.values()].map(({ sessions }) =>
    sessions.map((one) => one.slot),
  );
  assert.deepEqual(slots, [[SLOT_BASE + 1], [SLOT_BASE + 1]]);
  assert.equal(fixture.flow.sessionsOpen, 2);
  await fixture.run(2, 0);
  assert.equal(fixture.flow.sessionsOpen, 4);
});

test('sessions are connected ahead of load, a bounded number at a time', async () => {
  const fixture = await FlowFixture.create([stepOf({ name: 'a' })], { slotCount: 300 });
  assert.deepEqual(await fixture.flow.connect(200), { attempts: 200, failures: 0 });
  assert.equal(fixture.driver.sessions.length, 200);
  assert.equal(fixture.driver.mostConnecting, 64);
  await fixture.run(0, 5);
  assert.equal(fixture.driver.sessions.length, 200, 'they are the ones that load uses');
});

test('what could not be connected is counted, with the target and its reason', async () => {
  const fixture = await FlowFixture.create(TWO_TARGETS, { slotCount: 10 });
  fixture.drivers.get('second')!.reachable = (slot) => slot !== SLOT_BASE + 3;
  fixture.drivers.get('main')!.reachable = (slot) => slot !== SLOT_BASE + 7;
  assert.deepEqual(await fixture.flow.connect(10), {
    attempts: 20,
    failures: 2,
    target: 'second',
    reason: 'connection refused',
  });
  assert.deepEqual(await fixture.flow.connect(0), { attempts: 0, failures: 0 });
});

test('closing closes every session, and their number is still told', async () => {
  const fixture = await FlowFixture.create(TWO_TARGETS);
  await fixture.run();
  fixture.flow.close();
  const sessions = [...fixture.drivers.values()].flatMap((driver) => driver.sessions);
  assert.deepEqual(
    sessions.map(({ closed }) => closed),
    [true, true],
  );
  assert.equal(fixture.flow.sessionsOpen, 2);
});
