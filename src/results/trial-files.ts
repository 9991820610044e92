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
} as const;

export const RUN_FILE = 'run.json';
