import { EXIT_CODES, type ExitCode } from '../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { DRIVER_NAMES, type DriverName, loadDriver } from '../../drivers/registry.ts';
import { describeKeys, type KeyDescription } from '../../scenario/schema/describe-keys.ts';
import type { CommandIo } from '../command-io.ts';
import { textTable } from '../text-table.ts';

/** `loadgen drivers [NAME]`: what there is to speak to, and in which words. */
export async function driversCommand(
  name: string | undefined,
  options: { readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const names = name === undefined ? DRIVER_NAMES : [known(name)];
  const drivers = await Promise.all(names.map(loadDriver));
  if (options.json) {
    const described = drivers.map(describe);
    io.write(`${JSON.stringify(name === undefined ? described : described[0], null, 2)}\n`);
  } else if (name === undefined) {
    io.write(textTable(drivers.map((driver) => [driver.name, driver.summary])));
  } else {
    io.write(driverPage(describe(drivers[0]!)));
  }
  return EXIT_CODES.ok;
}

function known(name: string): DriverName {
  const found = DRIVER_NAMES.find((driver) => driver === name);
  if (found !== undefined) return found;
  throw new LoadgenError('OPTION_INVALID', {
    option: 'NAME',
    value: name,
    expected: DRIVER_NAMES.join(', '),
    command: 'drivers',
  });
}

/** A driver as data: the JSON output, and what the page is made of. */
function describe(driver: DriverDefinition) {
  return {
    name: driver.name,
    summary: driver.summary,
    schemes: driver.schemes,
    targetKeys: describeKeys(driver.targetOptions),
    verbs: Object.entries(driver.verbs).map(([verb, definition]) => ({
      verb,
      summary: definition.summary,
      keys: describeKeys(definition.schema),
      resultFields: definition.resultFields,
      statusFields: definition.statusFields,
    })),
    metrics: [
      ...driver.phases,
      ...(driver.counters ?? []),
      ...(driver.sampled ?? []),
      ...(driver.rates ?? []),
    ],
    capabilities: driver.capabilities,
  };
}

function driverPage(driver: ReturnType<typeof describe>): string {
  const stamps = driver.capabilities.stamps === 'socket' ? 'service_time' : 'call_time';
  const head = `${driver.name}: ${driver.summary}\n\nURLs: ${driver.schemes.map((scheme) => `${scheme}://…`).join(', ')}. Reports ${stamps}.\n`;
  const verbs = driver.verbs.map(
    ({ verb, summary, keys, resultFields }) =>
      `\nVerb ${verb}: ${summary}\n${keyTable(keys)}  Results that expressions can read:\n` +
      textTable(Object.entries(resultFields), '    '),
  );
  const metrics = textTable(
    driver.metrics.map((metric) => [metric.name, metric.description]),
    '  ',
  );
  return (
    head +
    section('Keys of a target beside the common ones', keyTable(driver.targetKeys)) +
    verbs.join('') +
    section('Metrics of its own', metrics)
  );
}

function section(title: string, body: string): string {
  return body === '' ? '' : `\n${title}:\n${body}`;
}

function keyTable(keys: readonly KeyDescription[]): string {
  return textTable(
    keys.map(({ key, type, description }) => [key, type, description]),
    '  ',
  );
}
