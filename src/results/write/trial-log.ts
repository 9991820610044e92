import pino, { type Logger } from 'pino';
import type { Clock } from '../../base/time/clock.ts';
import { AppendFile } from './append-file.ts';

export interface TrialLog {
  /** Never throws: a line that cannot be written is not worth a run. */
  readonly logger: Logger;
  /** Never throws either. */
  close(): void;
}

/** `loadgen.log`: JSON lines, each with the ids of its run and trial. */
export function openTrialLog(
  path: string,
  clock: Clock,
  ids: { readonly runId: string; readonly trialId: string },
): TrialLog {
  const file = new AppendFile(path);
  // After a line that was lost, later ones would look as if nothing had happened in between.
  let failed = false;
  const destination = {
    write(line: string): void {
      if (failed) return;
      try {
        file.append(line);
      } catch {
        failed = true;
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
    close() {
      try {
        file.close();
      } catch {
        failed = true;
      }
    },
  };
}
