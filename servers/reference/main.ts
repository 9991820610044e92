import { formatDuration } from './durations.ts';
import { readOptions } from './options.ts';
import type { ReferenceOptions } from './options.ts';
import { startReferenceServer } from './server.ts';
import type { ReferenceServer } from './server.ts';

function optionsOrExit(): ReferenceOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`reference: ${(error as Error).message}`);
    process.exit(2);
  }
}

function describe(server: ReferenceServer, options: ReferenceOptions): string {
  const { slots } = options;
  const parts = [
    `reference listening on ${server.url}`,
    `service time ${describeServiceTime(options)}`,
    slots === Infinity ? 'slots unlimited' : `slots ${slots}`,
  ];
  if (server.freeze !== null) {
    const { durationNs, periodNs } = server.freeze;
    parts.push(
      `frozen for ${formatDuration(durationNs)} from epoch + k × ${formatDuration(periodNs)}, k ≥ 1`,
    );
  }
  parts.push(`epoch ${server.epochNs} ns on CLOCK_MONOTONIC`);
  return parts.join(', ');
}

function describeServiceTime({ serviceTimeNs, randomService }: ReferenceOptions): string {
  if (randomService === null) return formatDuration(serviceTimeNs);
  if (randomService.law === 'exponential') {
    return `exponential with mean ${formatDuration(randomService.meanNs)}`;
  }
  const { shortNs, longNs, longShare } = randomService;
  return `${formatDuration(shortNs)} or (${longShare * 100}%) ${formatDuration(longNs)}`;
}

async function closeAndExit(server: ReferenceServer, logFile: string | null): Promise<void> {
  try {
    await server.close();
    if (logFile !== null) {
      const { rows, dropped } = server.log;
      console.log(`reference wrote ${rows} rows to ${logFile}, ${dropped} dropped`);
    }
    process.exit(0);
  } catch (error) {
    console.error(`reference: cannot write the log: ${(error as Error).message}`);
    process.exit(1);
  }
}

const options = optionsOrExit();
try {
  const server = await startReferenceServer(options);
  console.log(describe(server, options));
  let closing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (closing) return;
      closing = true;
      void closeAndExit(server, options.logFile);
    });
  }
} catch (error) {
  console.error(
    `reference: cannot listen on ${options.host}:${options.port}: ${(error as Error).message}`,
  );
  process.exit(1);
}
