import { EXIT_CODES, type ExitCode } from '../../../base/errors/exit-codes.ts';
import { datasetCacheFolder } from '../../../data/dataset-cache.ts';
import { inspectDataset, type DatasetFacts, type DatasetPlace } from '../../../data/dataset.ts';
import type { CommandIo } from '../../command-io.ts';
import { printableLines } from '../../../reports/format/printable.ts';
import { textTable } from '../../text-table.ts';

/** `loadgen dataset inspect FILE`: what a data set holds. */
export async function inspectCommand(
  place: DatasetPlace,
  { json }: { readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const facts = await inspectDataset(place, { cacheFolder: datasetCacheFolder(io.environment) });
  io.write(json ? `${JSON.stringify(facts, undefined, 2)}\n` : printableLines(factsText(facts)));
  return EXIT_CODES.ok;
}

function factsText({ file, format, bytes, rows, fields, ...facts }: DatasetFacts): string {
  const { tables = {}, attributes = {}, vectors } = facts;
  const lines: (readonly [string, string])[] = [
    ['file', file],
    ['format', format],
    ...(bytes === null ? [] : [['size', `${number(bytes)} bytes`] as const]),
    ...Object.entries(tables).map(
      ([name, shape]) => [`table ${name}`, shape.map(number).join(' × ')] as const,
    ),
    ...Object.entries(attributes).map(([name, value]) => [`has ${name}`, String(value)] as const),
    ['rows', number(rows)],
    ['fields', fields.join(', ')],
  ];
  if (vectors !== undefined) {
    const { dimension, sampled, shortest, longest, notFinite } = vectors;
    lines.push(
      ['dimension', number(dimension)],
      [
        'lengths',
        `${shortest.toPrecision(6)} to ${longest.toPrecision(6)} (first ${number(sampled)} rows)`,
      ],
    );
    if (notFinite > 0) lines.push(['not finite', `${number(notFinite)} of these rows`]);
  }
  return textTable(lines);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
