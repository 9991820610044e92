import { DeliveryCount } from '../delivery-count.ts';
import type { LiveOutput, OutputSecond } from '../output.ts';
import { secondRows } from '../second-rows.ts';
import { LineFile } from './line-file.ts';

/** Rows of a second as JSON objects, one a line (jsonlines.org). */
export async function openJsonLinesOutput(path: string): Promise<LiveOutput> {
  const account = new DeliveryCount('jsonLines', 'rows');
  const file = await LineFile.open(path, account);
  return {
    account,
    accept(second: OutputSecond): void {
      for (const row of secondRows(second)) file.append(`${JSON.stringify(row)}\n`);
    },
    settle: () => file.settle(),
    giveUp: () => file.giveUp(),
    close: () => file.close(),
  };
}
