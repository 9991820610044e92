import { systemClock } from '../../base/time/clock.ts';
import { TimerWheel } from '../../base/time/timer-wheel.ts';
import { TurnQueue } from '../../base/time/turn-queue.ts';
import { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import type { DriverContext, ServerSampler, ServerStatsContext } from '../driver.ts';
import { GrpcControl } from './grpc/grpc-control.ts';
import { HttpControl } from './http/http-control.ts';
import { isGrpcUrl } from './kserve-drivers.ts';
import { SERVER_TIMES } from './server-metrics.ts';
import type { ModelStatistics, ServerControl } from './model-facts.ts';

const CONNECT_TIMEOUT_MS = 5000;

/** Asks a server for its statistics, over a connection of its own. */
export function openStatistics(context: ServerStatsContext): ServerSampler {
  const wheel = new TimerWheel(systemClock);
  const whole: DriverContext = {
    ...context,
    clock: systemClock,
    wheel,
    turns: new TurnQueue(systemClock),
    slots: new OperationSlots(1, 0),
    connection: 'perVu',
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    seed: 0,
  };
  const control: ServerControl = isGrpcUrl(context.url)
    ? new GrpcControl(whole)
    : new HttpControl(whole);
  let before: Sums | undefined;
  return {
    async sample() {
      const sums = sumsOf(await control.statistics());
      const sample = { ...sums.counters, ...(before && gaugesOf(before, sums)) };
      before = sums;
      return sample;
    },
    close() {
      control.close();
      wheel.close();
    },
  };
}

interface Sums {
  readonly counters: Readonly<Record<string, number>>;
  /** Part of the statistics → requests that had it, and the time that they spent in it. */
  readonly parts: Readonly<Record<string, { readonly count: number; readonly ns: number }>>;
}

/** Over all models of the server. */
function sumsOf(models: readonly ModelStatistics[]): Sums {
  const parts: Record<string, { count: number; ns: number }> = {};
  let inferences = 0;
  let executions = 0;
  for (const model of models) {
    inferences += Number(model.inference_count ?? 0);
    executions += Number(model.execution_count ?? 0);
    for (const [part, { count, ns }] of Object.entries(model.inference_stats ?? {})) {
      const sum = (parts[part] ??= { count: 0, ns: 0 });
      sum.count += Number(count);
      sum.ns += Number(ns);
    }
  }
  const countOf = (part: string): number => parts[part]?.count ?? 0;
  const times = Object.entries(SERVER_TIMES).map(([part, gauge]) => {
    return [`${gauge}_sum`, parts[part]?.ns ?? 0] as const;
  });
  return {
    parts,
    counters: {
      server_inferences: inferences,
      server_executions: executions,
      server_requests: countOf('success'),
      server_failures: countOf('fail'),
      server_cache_hits: countOf('cache_hit'),
      server_cache_misses: countOf('cache_miss'),
      ...Object.fromEntries(times),
    },
  };
}

/** Means of what happened between two looks; NaN where nothing did. */
function gaugesOf(before: Sums, after: Sums): Readonly<Record<string, number>> {
  const means = Object.entries(SERVER_TIMES).map(([part, gauge]) => {
    const now = after.parts[part] ?? { count: 0, ns: 0 };
    const then = before.parts[part] ?? { count: 0, ns: 0 };
    return [gauge, (now.ns - then.ns) / (now.count - then.count)] as const;
  });
  const grown = (name: string): number => after.counters[name]! - before.counters[name]!;
  const server_batch_size = grown('server_inferences') / grown('server_executions');
  return { ...Object.fromEntries(means), server_batch_size };
}
