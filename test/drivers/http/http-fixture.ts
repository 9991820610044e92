import type { TestContext } from 'node:test';
import { driver } from '../../../src/drivers/http/index.ts';
import {
  DriverBench,
  type DriverBenchOptions,
  type StepOptions,
} from '../../support/driver-bench.ts';
import {
  startScriptedServer,
  type ScriptedConnection,
  type ScriptedServer,
} from '../../support/scripted-server.ts';

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
export const HEAD_END = '\r\n\r\n';

/** A bench that is closed when the test ends. */
export async function httpBench(
  context: TestContext,
  options: DriverBenchOptions,
): Promise<DriverBench> {
  const bench = await DriverBench.of(driver, options);
  context.after(() => bench.close());
  return bench;
}

/** A scripted server and a bench of the http driver against it. */
export async function scripted(
  context: TestContext,
  script: (connection: ScriptedConnection) => void | Promise<void>,
  options: Omit<DriverBenchOptions, 'url'> = {},
): Promise<{ readonly server: ScriptedServer; readonly bench: DriverBench }> {
  const server = await startScriptedServer(script);
  context.after(() => server.close());
  return { server, bench: await httpBench(context, { url: server.url, ...options }) };
}

/** A step that sends `spec`. */
export function request(spec: object = {}, options: Partial<StepOptions> = {}): StepOptions {
  return { verb: 'request', spec, ...options };
}
