import type { TestContext } from 'node:test';
import { driver } from '../../../src/drivers/grpc/index.ts';
import { DriverBench } from '../../support/driver-bench.ts';

export interface GrpcBenchSetting {
  readonly url: string;
  /** Keys of the target as a scenario has them. */
  readonly target: object;
  readonly connections?: number;
  readonly connection?: 'perVu' | 'pooled' | 'perRequest';
}

/** A grpc driver for one test. */
export async function grpcBench(t: TestContext, setting: GrpcBenchSetting): Promise<DriverBench> {
  const { url, target, ...others } = setting;
  const options = driver.targetOptions.parse(target) as Record<string, unknown>;
  const bench = await DriverBench.of(driver, { url, options, ...others });
  t.after(() => bench.close());
  return bench;
}
