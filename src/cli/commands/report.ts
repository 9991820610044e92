import { EXIT_CODES, type ExitCode } from '../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { isReportFormat, loadReport, REPORT_FORMATS } from '../../reports/registry.ts';
import { compareBaseline } from '../../results/baseline/compare-baseline.ts';
import { checkBaseline, readBaseline, shapeOfTrial } from '../../results/baseline/read-baseline.ts';
import type { BaselineComparison } from '../../results/schema/baseline.ts';
import { readResult, type ReadRun } from '../../results/read/read-result.ts';
import { writeDocument } from '../../results/write/write-document.ts';
import { comparisonExitCode, regressionLimit, type BaselineOptions } from '../baseline-gate.ts';
import type { CommandIo } from '../command-io.ts';
import { streamScreen } from '../screen.ts';

export interface ReportOptions extends BaselineOptions {
  readonly format: string;
  /** A file, instead of standard output. */
  readonly output?: string;
}

/** `loadgen report DIR`: any result folder again, from its files alone. */
export async function reportCommand(
  folder: string,
  options: ReportOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { format, output } = options;
  if (!isReportFormat(format)) {
    throw new LoadgenError('OPTION_INVALID', {
      option: '--format',
      value: format,
      expected: `one of ${REPORT_FORMATS.join(', ')}`,
      command: 'report',
    });
  }
  const limit = regressionLimit(options, 'report');
  const read = await readResult(folder);
  const { trials } = read;
  const baseline = await comparison(read, options.baseline, limit);
  const isAsked = options.baseline !== undefined && baseline !== undefined;
  const exitCode = isAsked ? comparisonExitCode(baseline) : EXIT_CODES.ok;
  const report = await loadReport(format);
  if (output !== undefined) {
    writeDocument(output, report({ trials, baseline }).text);
    return exitCode;
  }
  // The process's own stream says whether its reader is a terminal; `io` may write elsewhere.
  const { palette } = streamScreen(process.stdout, io.environment);
  io.write(report({ trials, palette, baseline }).text);
  return exitCode;
}

/** Made anew where a baseline is named, else as it was when the run ended. */
async function comparison(
  read: ReadRun,
  folder: string | undefined,
  maxRegression: number,
): Promise<BaselineComparison | undefined> {
  if (folder === undefined) return read.baseline;
  const baseline = await readBaseline(folder);
  checkBaseline(baseline, read.trials.map(shapeOfTrial));
  const current = read.trials.map(({ result }) => result);
  const earlier = { baseline: baseline.results, baselineFolder: folder };
  return compareBaseline({ current, ...earlier, maxRegression });
}
