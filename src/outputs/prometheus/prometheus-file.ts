import { open, rename, rm } from 'node:fs/promises';
import { BoundedQueue } from '../bounded-queue.ts';
import { DeliveryCount, type OutputAccount } from '../delivery-count.ts';
import type { LiveOutput, OutputSecond } from '../output.ts';
import { prometheusText } from './prometheus-text.ts';

/** Seconds that may wait for a file system that is slow; a later one has all their counts. */
const WRITES_WAITING = 1;

/**
 * The metrics as a file that is whole at any moment (a temporary one, renamed), which the textfile
 * collector of node_exporter reads.
 */
export async function openPrometheusFile(
  path: string,
  accounts: () => readonly OutputAccount[],
): Promise<LiveOutput> {
  const account = new DeliveryCount('prometheus file', 'writes');
  const temporary = `${path}.${process.pid}.tmp`;
  await (await open(temporary, 'w')).close();
  const queue = new BoundedQueue<OutputSecond>(WRITES_WAITING, account, async (second) => {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(prometheusText(second, accounts()));
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  });
  let latest: OutputSecond | undefined;
  return {
    account,
    accept(second: OutputSecond): void {
      latest = second;
      queue.push(second);
    },
    async settle(): Promise<void> {
      await queue.settle();
      if (latest === undefined || account.dropped === 0) return;
      // The last second may have been among those dropped, and the file should end with it.
      queue.push(latest);
      await queue.settle();
    },
    giveUp: () => queue.giveUp(),
    async close(): Promise<void> {
      queue.close();
      await queue.settle();
      await rm(temporary, { force: true }).catch(() => {});
    },
  };
}
