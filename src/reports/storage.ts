import type { Result } from '../results/schema/result.ts';
import type { ResultStorage } from '../results/schema/storage.ts';
import { formatBytes, formatCount } from './format/quantities.ts';

/** Below it what a server takes anyway, and takes ahead, outweighs what its rows take. */
const FEW_ROWS = 100_000;
const MILLION = 1_000_000;
/** How many trials whose servers grew otherwise are told of on the page of all. */
const LINES_OF_TRIALS = 12;

export interface StorageLines {
  readonly target: string;
  readonly lines: readonly (readonly [label: string, words: string])[];
}

/** What rows took of the servers that hold them. */
export function storageLines({ storage = [] }: Result): readonly StorageLines[] {
  return storage.map((of) => ({
    target: of.target,
    lines: [
      ['rows', rowWords(of)],
      ['memory', levelWords(of.memory)],
      ...(of.disk === null ? [] : [['disk', levelWords(of.disk)] as const]),
      ['per million', perMillionWords(of)],
    ],
  }));
}

/** The same of several trials: those whose servers grew alike share a line. */
export function storagePerMillion(results: readonly Result[]): StorageLines['lines'] {
  const all = results.flatMap(({ trial, storage = [] }) =>
    storage.map((of) => ({ trial, target: of.target, words: perMillionWords(of) })),
  );
  const groups = Map.groupBy(all, ({ target, words }) => JSON.stringify([target, words]));
  const lines = [...groups.values()].map((group) => {
    const { target, words } = group[0]!;
    const [first, ...others] = group.map(({ trial }) => trial);
    const trials =
      others.length === 0 ? `trial ${first}` : `trials ${[first, ...others].join(', ')}`;
    return [target, group.length === results.length ? words : `${words} (${trials})`] as const;
  });
  const more = lines.length - LINES_OF_TRIALS;
  return [
    ...lines.slice(0, LINES_OF_TRIALS),
    ...(more > 0 ? [['', `… and ${more} more, each in the page of its trial`] as const] : []),
  ];
}

function rowWords({ rows, collections }: ResultStorage): string {
  const names = collections.map(({ collection }) => collection).join(', ');
  return `${countWords(rows.prepared)} when the load began, ${countWords(rows.end)} at its end (${names})`;
}

function levelWords({ before, prepared, peak, end }: ResultStorage['memory']): string {
  const [first, then, last, most] = [before, prepared, end, peak].map((bytes) =>
    bytes === null ? 'n/a' : formatBytes(bytes),
  );
  return `${first} before they were made, ${then} when the load began, ${last} at its end, highest ${most}`;
}

function perMillionWords({ rows: { prepared }, perMillion }: ResultStorage): string {
  if (prepared === null) return 'n/a: the answers do not tell how many rows there were';
  if (perMillion === null) return 'n/a: the server had been used before';
  const { memory, disk } = perMillion;
  const grown = [grownWords(memory, 'memory'), grownWords(disk, 'disk')].filter(Boolean).join(', ');
  const how = prepared < MILLION ? 'extrapolated from' : 'by';
  const few = prepared < FEW_ROWS ? '; with so few, fixed costs are much of it' : '';
  return `${grown}: what it grew by while they were made, ${how} ${countWords(prepared)} rows${few}`;
}

function grownWords(bytes: number | null, what: string): string {
  if (bytes === null) return '';
  return bytes > 0 ? `${formatBytes(bytes)} of ${what}` : `no more ${what}`;
}

function countWords(count: number | null): string {
  return count === null ? 'n/a' : formatCount(count);
}
