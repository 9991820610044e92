import type { MetricDeclaration } from './metric.ts';

/** What loadgen measures whatever the driver. Drivers add phases of their own (`ttft`, …). */
type Kind = 'operations' | 'iterations' | undefined;

function latency(name: string, ranks: Kind, description: string): MetricDeclaration {
  const ranking = ranks === undefined ? {} : { ranks };
  return { name, kind: 'histogram', unit: 'ns', description, better: 'lower', ...ranking };
}

function lag(name: string, description: string): MetricDeclaration {
  return { name, kind: 'histogram', unit: 'ns', description, better: 'lower', resolution: 'fine' };
}

function counter(
  name: string,
  better: MetricDeclaration['better'],
  description: string,
  unit: MetricDeclaration['unit'] = 'count',
): MetricDeclaration {
  return { name, kind: 'counter', unit, description, better };
}

function gauge(name: string, description: string): MetricDeclaration {
  return { name, kind: 'gauge', unit: 'count', description, better: 'neither' };
}

// Latencies
export const RESPONSE_TIME = latency(
  'response_time',
  'operations',
  'done − intended: what a user waits, from when the request should have been sent.',
);
export const SERVICE_TIME = latency(
  'service_time',
  'operations',
  'done − sent: server and network, from handing the request to the socket.',
);
export const CALL_TIME = latency(
  'call_time',
  'operations',
  'Time around the call of a client that hides its socket; includes the queues of that client.',
);
export const ITERATION_RESPONSE_TIME = latency(
  'iteration_response_time',
  'iterations',
  'From the intended start of an iteration to the end of its last step.',
);
export const POLL_TIME = latency(
  'poll_time',
  undefined,
  'From the intended start of the first request of a `poll` to the answer that satisfied it.',
);
export const SLOT_WAIT = latency(
  'slot_wait',
  undefined,
  'Waiting for a place under the in-flight cap (wait: cap) and for a connection (wait: connect).',
);

// Lags of our own
export const PACER_LAG = lag('pacer_lag', 'picked − intended: how late the pacer took it up.');
export const WRITE_LAG = lag('write_lag', 'sent − granted: encoding and writing the request.');
export const SEND_LAG = lag('send_lag', 'sent − intended: how late the request was sent.');
export const TURNAROUND = lag(
  'turnaround',
  'From an answer to the next request of its virtual user, where that was already due.',
);
export const RECEIVE_ERROR = lag(
  'receive_error',
  'Upper bound on how long an answer waited in our event loop: the error bar of a latency.',
);

// Iterations
export const DUE = counter('due', 'neither', 'Iterations that the plan made due.');
export const STARTED = counter('started', 'neither', 'Iterations that were started.');
export const UNSENT = counter('unsent', 'lower', 'Iterations that were due and never started.');
export const ITERATIONS = counter('iterations', 'neither', 'Iterations that ended, by outcome.');
export const WAITING = gauge('waiting', 'Iterations that are due and wait for a place.');
export const RUNNING = gauge('running', 'Iterations that have started and not ended.');
export const IN_FLIGHT = gauge('in_flight', 'Operations that have begun and not ended.');

// Operations
export const ATTEMPTED = counter('attempted', 'neither', 'Operations that were begun.');
export const OPERATIONS = counter('operations', 'neither', 'Operations that ended, by outcome.');
export const BYTES_SENT = counter('bytes_sent', 'neither', 'Bytes written to sockets.', 'bytes');
export const BYTES_RECEIVED = counter(
  'bytes_received',
  'neither',
  'Bytes read from sockets.',
  'bytes',
);
export const ITEMS = counter('items', 'higher', 'Units of work in operations that ended.');
export const GOODPUT = counter('goodput', 'higher', 'Operations that met every part of their slo.');
export const LATE = counter('late', 'lower', 'Operations answered later than `latencyLimit`.');
export const OK_IN_WINDOW = counter(
  'ok_in_window',
  'higher',
  'Operations that ended ok between T0 and T1, of whatever phase: what throughput counts.',
);
export const ITEMS_IN_WINDOW = counter(
  'items_in_window',
  'higher',
  'Units of work in operations that ended between T0 and T1.',
);
export const GOODPUT_IN_WINDOW = counter(
  'goodput_in_window',
  'higher',
  'Operations that met their slo and ended between T0 and T1.',
);

// The account itself
export const LATE_RECORDS = counter(
  'late_records',
  'neither',
  'Operations recorded in a later second than the one in which they ended.',
);
export const ERROR_RATE: MetricDeclaration = {
  name: 'error_rate',
  kind: 'share',
  unit: 'ratio',
  description: '(failed + interrupted) ÷ (attempted − cancelled) operations.',
  better: 'lower',
};
