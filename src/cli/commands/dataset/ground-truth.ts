import { existsSync } from 'node:fs';
import { EXIT_CODES, type ExitCode } from '../../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { datasetCacheFolder } from '../../../data/dataset-cache.ts';
import { findGroundTruth, type DatasetPlace } from '../../../data/dataset.ts';
import { METRICS, type Metric } from '../../../data/metric.ts';
import { writeIvecs, writeNeighborsBin } from '../../../data/truth/neighbors-writer.ts';
import type { CommandIo } from '../../command-io.ts';
import { printableLines } from '../../../reports/format/printable.ts';
import { notWritten, written } from './convert.ts';
import { datasetProgress } from './dataset-progress.ts';

export interface GroundTruthOptions {
  readonly base: DatasetPlace;
  readonly queries: DatasetPlace;
  readonly metric: string;
  readonly k: number;
  readonly filter?: string | undefined;
  readonly threads?: number | undefined;
  readonly output: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** `loadgen dataset ground-truth BASE QUERIES`: the exact nearest rows of each query, in a file. */
export async function groundTruthCommand(
  options: GroundTruthOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { base, queries, k, filter, threads, output, json, quiet } = options;
  const metric = metricOf(options.metric);
  if (existsSync(output)) throw notWritten(output, 'it is there already');
  const tell = datasetProgress('Searching', { quiet: quiet || json }, io);
  const found = await findGroundTruth(
    {
      base,
      queries,
      truth: { metric, k, ...(filter !== undefined && { filter }) },
      threads,
      progress: ({ rowsDone, rows }) => tell(rowsDone, rows),
    },
    { cacheFolder: datasetCacheFolder(io.environment) },
  );
  const write = /\.ivecs$/i.test(output) ? writeIvecs : writeNeighborsBin;
  await written(output, () => write(output, { ...found, k }));
  const summary = { file: output, queries: found.rows, k, metric, filter: filter ?? null };
  io.write(
    json
      ? `${JSON.stringify(summary, undefined, 2)}\n`
      : printableLines(
          `Written to ${output}: the ${k} nearest rows of ${found.rows} queries, ${metric}\n`,
        ),
  );
  return EXIT_CODES.ok;
}

function metricOf(name: string): Metric {
  const metric = METRICS.find((known) => known === name);
  if (metric !== undefined) return metric;
  throw new LoadgenError('OPTION_INVALID', {
    option: '--metric',
    value: name,
    expected: METRICS.join(', '),
    command: 'dataset ground-truth',
  });
}
