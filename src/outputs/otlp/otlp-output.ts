import { NS_PER_MS } from '../../base/time/clock.ts';
import { BoundedQueue } from '../bounded-queue.ts';
import { DeliveryCount } from '../delivery-count.ts';
import type { LiveOutput, OutputSecond, OutputTrial } from '../output.ts';
import type { OtlpSpec } from '../outputs-schema.ts';
import { otlpRequest } from './otlp-request.ts';

/** Exports that may wait behind one that is on its way. Each holds all counts so far. */
const EXPORTS_WAITING = 2;
/** An answer tells how many data points were refused, and no more than that. */
const ANSWER_BYTES = 64 * 1024;

/** Metrics for an OpenTelemetry collector: OTLP over HTTP, encoded as JSON. */
export function openOtlpOutput(spec: OtlpSpec): LiveOutput {
  const account = new DeliveryCount('otlp', 'exports');
  const url = metricsUrl(spec.url);
  let givenUp = new AbortController();
  const queue = new BoundedQueue<string>(EXPORTS_WAITING, account, async (body) => {
    const timeout = AbortSignal.timeout(spec.timeout / NS_PER_MS);
    await exportMetrics(url, {
      method: 'POST',
      headers: { ...spec.headers, 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.any([timeout, givenUp.signal]),
    });
  });
  let trial: OutputTrial | undefined;
  let nextAtNs = 0;
  let unsent: OutputSecond | undefined;
  const push = (second: OutputSecond): void => {
    unsent = undefined;
    nextAtNs = endNs(second) + spec.every;
    queue.push(JSON.stringify(otlpRequest(second)));
  };
  const giveUp = (): void => {
    queue.giveUp();
    givenUp.abort(new Error('it took too long'));
    givenUp = new AbortController();
  };
  return {
    account,
    accept(second: OutputSecond): void {
      if (second.trial !== trial || endNs(second) >= nextAtNs) push(second);
      else unsent = second;
      trial = second.trial;
    },
    async settle(): Promise<void> {
      // The end of a trial is told whenever it comes.
      if (unsent !== undefined) push(unsent);
      await queue.settle();
    },
    giveUp,
    async close(): Promise<void> {
      queue.close();
      giveUp();
      await queue.settle();
    },
  };
}

function endNs({ interval }: OutputSecond): number {
  return interval.startedAtNs + interval.durationNs;
}

async function exportMetrics(url: string, request: RequestInit): Promise<void> {
  const answer = await fetch(url, request);
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Error(`the collector answered ${answer.status}`);
  }
  const refused = refusedPoints(await textOf(answer));
  if (refused > 0) throw new Error(`the collector refused ${refused} data points`);
}

/** As much of an answer as is of interest. */
async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (body === null) return '';
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) throw new Error('the collector answered too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** ExportMetricsPartialSuccess.rejected_data_points. */
function refusedPoints(text: string): number {
  try {
    const answer = JSON.parse(text) as {
      partialSuccess?: { rejectedDataPoints?: string | number };
    };
    return Number(answer.partialSuccess?.rejectedDataPoints ?? 0);
  } catch {
    return 0; // an answer of another form refuses nothing
  }
}

/** A base address gets the path of the signal, as OTEL_EXPORTER_OTLP_ENDPOINT does. */
function metricsUrl(text: string): string {
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = '/v1/metrics';
  return url.href;
}
