import type { MetricDeclaration } from '../../measure/metrics/metric.ts';

/** Part of Triton’s statistics → the gauge of its mean time; with `_sum`, the counter of all of it. */
export const SERVER_TIMES: Readonly<Record<string, string>> = {
  success: 'server_request_time',
  queue: 'server_queue_time',
  compute_input: 'server_compute_input_time',
  compute_infer: 'server_compute_infer_time',
  compute_output: 'server_compute_output_time',
};

/**
 * What Triton counts of itself (statistics extension), over all its models. Times are means of the
 * requests that it answered between two looks.
 */
export const KSERVE_SERVER_METRICS: readonly MetricDeclaration[] = [
  counter('server_requests', 'Requests that the server answered with success.', 'higher'),
  counter('server_failures', 'Requests that failed in the server.', 'lower'),
  counter('server_inferences', 'Inferences: a request of a batch of n counts n.', 'higher'),
  counter('server_executions', 'Executions of models: several requests may share one.', 'neither'),
  counter('server_cache_hits', 'Requests that were answered from the response cache.', 'neither'),
  counter('server_cache_misses', 'Requests that the response cache did not have.', 'neither'),
  ...times('success', 'In the server: from arrival to answer.'),
  ...times('queue', 'Waiting in the server’s queues.'),
  ...times('compute_input', 'Preparing the input tensors.'),
  ...times('compute_infer', 'In the model.'),
  ...times('compute_output', 'Fetching the output tensors.'),
  {
    name: 'server_batch_size',
    kind: 'gauge',
    unit: 'count',
    description: 'Inferences in one execution, on average.',
    better: 'neither',
  },
];

function counter(
  name: string,
  description: string,
  better: MetricDeclaration['better'],
): MetricDeclaration {
  return { name, kind: 'counter', unit: 'count', description, better };
}

function times(part: string, where: string): MetricDeclaration[] {
  const name = SERVER_TIMES[part]!;
  const mean = `${where} Mean over the requests between two looks.`;
  const sum = `${where} All requests together.`;
  return [
    { name, kind: 'gauge', unit: 'ns', description: mean, better: 'lower' },
    { name: `${name}_sum`, kind: 'counter', unit: 'ns', description: sum, better: 'lower' },
  ];
}
