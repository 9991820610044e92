import { EXIT_CODES, type ExitCode } from '../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { NS_PER_MS, systemClock } from '../../base/time/clock.ts';
import { parseDurationNs } from '../../base/time/duration.ts';
import { loadDriver, type DriverName } from '../../drivers/registry.ts';
import { calibrationText } from '../../reports/calibration-text.ts';
import { calibrationFile, calibrationKey, saveCalibration } from '../../results/calibrations.ts';
import type { Calibration } from '../../results/schema/calibration.ts';
import { calibrateTrial, type CalibrationParts } from '../../run/runner/calibrate-trial.ts';
import type { RunObserver } from '../../run/runner/observer.ts';
import { standInUrl, withStandIns, type StandInServers } from '../../run/runner/stand-in-server.ts';
import { StopRequests } from '../../run/runner/stop-requests.ts';
import { requestShape } from '../../scenario/request-shape.ts';
import { resolveScenario } from '../../scenario/resolve-scenario.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import { aimedAt, withoutAnswers } from '../../scenario/stand-in.ts';
import type { CommandIo } from '../command-io.ts';
import { printableLines } from '../../reports/format/printable.ts';
import { scenarioRequest } from '../scenario-request.ts';
import { streamScreen } from '../screen.ts';
import { loadgenVersion } from '../version.ts';
import type { CalibrateOptions } from './run-options.ts';

/** `loadgen calibrate FILE`: what one worker can send, kept for the runs to come. */
export async function calibrateCommand(
  options: CalibrateOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const levelNs = levelOf(options.level);
  const file = calibrationFile(io.environment);
  if (file === undefined) {
    const reason = 'neither XDG_CACHE_HOME nor HOME says where calibrations are kept';
    throw new LoadgenError('RESULTS_NOT_WRITABLE', { path: 'calibration.json', reason });
  }
  const { scenario } = await resolveScenario(scenarioRequest(options.file, options, io));
  const [trial] = scenario.trials as [ResolvedTrial];
  const standIn = withoutAnswers(trial);
  const observer = observerFor(options, io);
  const measured = await withStandIns(
    standIn.trial,
    {
      command: 'calibrate',
      serverOptions: [],
      clock: systemClock,
      status: (text) => observer.status(text),
      output() {},
    },
    (servers) => measure(standIn.trial, { servers, levelNs, observer }),
  );
  const count = scenario.trials.length;
  const { driver, hash } = requestShape(trial);
  const { changes, servers, ...figures } = measured;
  const calibration: Calibration = {
    key: calibrationKey(driver, hash),
    scenario: scenario.name,
    measuredAt: new Date(systemClock.wallMs()).toISOString(),
    loadgen: loadgenVersion(),
    servers,
    changes: [
      ...(count > 1 ? [`the first of ${count} trials; --set chooses another one`] : []),
      ...standIn.changes,
      ...changes,
    ],
    ...figures,
  };
  saveCalibration(file, calibration);
  if (options.json) {
    io.write(
      `${JSON.stringify({ file, exitCode: EXIT_CODES.ok, ...calibration }, undefined, 2)}\n`,
    );
  } else {
    const { palette } = streamScreen(process.stdout, io.environment);
    io.write(calibrationText(calibration, { file, palette }));
  }
  return EXIT_CODES.ok;
}

interface MeasuringPlace {
  readonly servers: StandInServers;
  readonly levelNs: number;
  readonly observer: RunObserver;
}

async function measure(trial: ResolvedTrial, { servers, levelNs, observer }: MeasuringPlace) {
  const aimed = aimedAt(trial, (target) => standInUrl(servers.get(target.driver)!, target));
  const definitions: CalibrationParts['definitions'] = new Map(
    await Promise.all(
      [...servers.keys()].map(
        async (name) => [name, await loadDriver(name as DriverName)] as const,
      ),
    ),
  );
  const stop = new StopRequests();
  const onSignal = (): void => stop.raise();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const started = [...servers.values()];
    const measured = await calibrateTrial({
      trial: aimed.trial,
      definitions,
      serverPids: started.map(({ pid }) => pid),
      levelNs,
      clock: systemClock,
      stop,
      observer,
    });
    const names = started.map(({ recipe }) => recipe.name);
    return { ...measured, changes: aimed.changes, servers: names };
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** A line a level: the figures come at the end. */
function observerFor({ quiet }: CalibrateOptions, io: CommandIo): RunObserver {
  return {
    status: (text) => {
      if (!quiet) io.writeError(`${printableLines(text)}\n`);
    },
    trialStarted() {},
    phaseStarted() {},
    interval() {},
    tick() {},
    trialEnded() {},
  };
}

/** Shorter ones measure the compiler. */
const LEAST_LEVEL_NS = 200 * NS_PER_MS;

function levelOf(value: string): number {
  const levelNs = parseDurationNs(value);
  if (levelNs !== undefined && levelNs >= LEAST_LEVEL_NS) return levelNs;
  const expected = 'a duration from 200ms, such as 2s';
  throw new LoadgenError('OPTION_INVALID', {
    option: '--level',
    value,
    expected,
    command: 'calibrate',
  });
}
