import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ab } from '../../../bench/peers/ab.ts';
import { autocannon } from '../../../bench/peers/autocannon.ts';
import { ghz } from '../../../bench/peers/ghz.ts';
import { hey } from '../../../bench/peers/hey.ts';
import { k6 } from '../../../bench/peers/k6.ts';
import { oha } from '../../../bench/peers/oha.ts';
import type { Peer } from '../../../bench/peers/peer.ts';
import { wrk, wrkVaried } from '../../../bench/peers/wrk.ts';
import { wrk2 } from '../../../bench/peers/wrk2.ts';

const PEERS: readonly Peer[] = [wrk, wrkVaried, ab, autocannon, k6, hey, oha, wrk2, ghz];
const LOAD = { url: 'http://127.0.0.1:8080', seconds: 7, connections: 65 };

for (const peer of PEERS) {
  test(`${peer.name} is told the address, the connections and the seconds`, () => {
    const command = peer.command('/opt/tool', LOAD)!.join(' ');
    assert.match(command, /127\.0\.0\.1:8080/);
    assert.match(command, /(?<!\d)65(?!\d)/);
    assert.match(command, /(?<!\d)7(?!\d)/);
  });
}

test('tools without an open loop refuse one, the others are told the rate', () => {
  const commands = PEERS.map((peer) => {
    const command = peer.command('/opt/tool', { ...LOAD, ratePerSecond: 1234 });
    return [peer.name, command?.some((argument) => argument.includes('1234'))];
  });
  assert.deepEqual(Object.fromEntries(commands), {
    wrk: undefined,
    'wrk varied': undefined,
    ab: undefined,
    autocannon: true,
    k6: true,
    hey: undefined,
    oha: true,
    wrk2: true,
    ghz: undefined,
  });
});
