import pino, { type Logger } from 'pino';
import type { Clock } from '../../base/time/clock.ts';
import { AppendFile } from './append-file.ts';

export interface TrialLog {
  readonly logger: Logger;
  /** What went wrong when the log could not be written; a log line is never worth a run. */
  readonly failure: () => unknown;
  close(): void;
}

/** `loadgen.log`: JSON lines, each with the ids of its run and trial. */
export function openTrialLog(
  path: string,
  clock: Clock,
  ids: { readonly runId: string; readonly trialId: string },
): TrialLog {
  const file = new AppendFile(path);
  let failure: unknown;
  const destination = {
    write(line: string): void {
      if (failure !== undefined) return;
      try {
        file.append(line);
      } catch (thrown) {
        failure = thrown;
      }
    },
  };
  const options = {
    level: 'info',
    base: { runId: ids.runId, trialId: ids.trialId },
    timestamp: () => `,"time":"${new Date(clock.wallMs()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return {
    logger: pino(options, destination),
    failure: () => failure,
    close: () => file.close(),
  };
}
