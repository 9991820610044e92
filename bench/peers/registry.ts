import { ab } from './ab.ts';
import { autocannon, autocannonVaried } from './autocannon.ts';
import { ghz } from './ghz.ts';
import { h2load } from './h2load.ts';
import { hey } from './hey.ts';
import { k6 } from './k6.ts';
import { oha } from './oha.ts';
import type { Peer } from './peer.ts';
import { wrk, wrkVaried } from './wrk.ts';
import { wrk2 } from './wrk2.ts';

const PEERS = {
  wrk,
  'wrk varied': wrkVaried,
  ab,
  autocannon,
  'autocannon varied': autocannonVaried,
  k6,
  hey,
  oha,
  wrk2,
  h2load,
  ghz,
} satisfies Record<string, Peer>;

export type PeerName = keyof typeof PEERS;

export interface InstalledPeer {
  readonly peer: Peer;
  readonly program: string;
  readonly version: string;
}

export interface PeerSearch {
  readonly there: readonly InstalledPeer[];
  readonly missing: readonly Peer[];
}

/** Which of these tools are installed. */
export function searchPeers(names: readonly PeerName[]): PeerSearch {
  const there: InstalledPeer[] = [];
  const missing: Peer[] = [];
  for (const name of names) {
    const peer = PEERS[name];
    const program = peer.find();
    if (program === undefined) missing.push(peer);
    else there.push({ peer, program, version: peer.version(program) });
  }
  return { there, missing };
}

/** "k6 is not there: bash bench/install-peers.sh". */
export function missingNotes({ missing }: PeerSearch): string[] {
  return missing.map(({ name, install }) => `${name} is not there: ${install}`);
}
