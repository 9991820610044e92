import { EXIT_CODES, type ExitCode } from '../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { isReportFormat, loadReport, REPORT_FORMATS } from '../../reports/registry.ts';
import { readResult } from '../../results/read/read-result.ts';
import { writeDocument } from '../../results/write/write-document.ts';
import type { CommandIo } from '../command-io.ts';
import { streamScreen } from '../screen.ts';

export interface ReportOptions {
  readonly format: string;
  /** A file, instead of standard output. */
  readonly output?: string;
}

/** `loadgen report DIR`: any result folder again, from its files alone. */
export async function reportCommand(
  folder: string,
  { format, output }: ReportOptions,
  io: CommandIo,
): Promise<ExitCode> {
  if (!isReportFormat(format)) {
    throw new LoadgenError('OPTION_INVALID', {
      option: '--format',
      value: format,
      expected: `one of ${REPORT_FORMATS.join(', ')}`,
      command: 'report',
    });
  }
  const { trials } = await readResult(folder);
  const report = await loadReport(format);
  if (output !== undefined) {
    writeDocument(output, report({ trials }).text);
    return EXIT_CODES.ok;
  }
  // The process's own stream says whether its reader is a terminal; `io` may write elsewhere.
  const { palette } = streamScreen(process.stdout, io.environment);
  io.write(report({ trials, palette }).text);
  return EXIT_CODES.ok;
}
