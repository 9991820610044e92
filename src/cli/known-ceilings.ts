import { calibrationFile, calibrationKey, findCalibration } from '../results/calibrations.ts';
import type { CeilingOf } from '../run/runner/ceiling-use.ts';
import { requestShape } from '../scenario/request-shape.ts';

/** What `loadgen calibrate` has measured on this machine before. */
export function knownCeilings(
  environment: Readonly<Record<string, string | undefined>>,
): CeilingOf {
  const file = calibrationFile(environment);
  return (trial) => {
    if (file === undefined) return undefined;
    const { driver, hash } = requestShape(trial);
    const known = findCalibration(file, calibrationKey(driver, hash));
    if (known === undefined) return undefined;
    const { operationsPerSecond, measuredAt, limitedBy } = known;
    return { operationsPerSecond, measuredAt, isLowerBound: limitedBy !== 'loadgen' };
  };
}
