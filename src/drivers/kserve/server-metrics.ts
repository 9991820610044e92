import type { MetricDeclaration } from '../../measure/metrics/metric.ts';

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
  time('server_request_time', 'In the server: from arrival to answer.'),
  time('server_queue_time', 'Waiting in the server’s queues.'),
  time('server_compute_input_time', 'Preparing the input tensors.'),
  time('server_compute_infer_time', 'In the model.'),
  time('server_compute_output_time', 'Fetching the output tensors.'),
  {
    name: 'server_batch_size',
    kind: 'gauge',
    unit: 'ratio',
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

function time(name: string, where: string): MetricDeclaration {
  const description = `${where} Mean over the requests between two looks.`;
  return { name, kind: 'gauge', unit: 'ns', description, better: 'lower' };
}
