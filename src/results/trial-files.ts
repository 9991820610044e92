/** The files of a trial's folder, and the one of the run's. */
export const TRIAL_FILES = {
  meta: 'meta.json',
  effectiveConfig: 'effective_config.yaml',
  intervals: 'intervals.ndjson',
  histograms: 'histograms.hlog',
  log: 'loadgen.log',
  result: 'result.json',
  metricsJson: 'metrics.json',
  metricsCsv: 'metrics.csv',
  sizing: 'sizing.json',
} as const;

/** Of the raw sample log, where one was asked for. */
export function sampleFileName(worker: number): string {
  return `samples-${worker}.bin`;
}

export const RUN_FILE = 'run.json';
/** How the run stood to a baseline, where one was given. */
export const BASELINE_FILE = 'baseline.json';
