import { csvLine } from '../../base/expressions/csv.ts';
import { DeliveryCount } from '../delivery-count.ts';
import type { LiveOutput, OutputSecond } from '../output.ts';
import { secondRows } from '../second-rows.ts';
import { LineFile } from './line-file.ts';

/** Rows of a second as CSV, with a heading where the file was empty. */
export async function openCsvOutput(path: string): Promise<LiveOutput> {
  const account = new DeliveryCount('csv', 'rows');
  const file = await LineFile.open(path, account);
  return {
    account,
    accept(second: OutputSecond): void {
      for (const row of secondRows(second)) {
        file.append(csvLine(Object.values(row)), csvLine(Object.keys(row)));
      }
    },
    settle: () => file.settle(),
    giveUp: () => file.giveUp(),
    close: () => file.close(),
  };
}
