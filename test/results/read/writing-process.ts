import { systemClock } from '../../../src/base/time/clock.ts';
import { openRunFolder } from '../../../src/results/run-folder.ts';
import { planOf } from '../../reports/sample-results.ts';
import { RecordedTrial } from '../recorded-trial.ts';
import { closedTrial, scenarioOf } from '../trials.ts';

/** A run that writes seconds for ever and says each one that was taken: made to be killed. */
const trial = closedTrial();
const run = openRunFolder({
  resultsFolder: process.argv[2]!,
  scenario: scenarioOf([trial]),
  clock: systemClock,
  version: '0.1.0',
  workingFolder: process.cwd(),
  environment: {},
});
const opening = { trial, trialCount: 1, workers: 1, planHash: null, startedServers: [] };
const writer = run.openTrial(opening);
const measure = systemClock.nowNs();
const recorded = new RecordedTrial(planOf(['embed']), { warmup: measure - 1e9, measure });
process.stdout.write(`${writer.folder}\n`);

for (let second = 1; ; second++) {
  writer.interval(
    recorded.second('measure', (row) => {
      for (let i = 1; i <= 100; i++) row.iteration({ responseNs: i * 1e6 });
    }),
  );
  process.stdout.write(`${second}\n`);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
