/** One request in the log of a reference server; moments are ns of CLOCK_MONOTONIC. */
export interface LoggedRequest {
  readonly arrivalNs: number;
  /** When its answer had to leave, by the model of the server. */
  readonly dueNs: number;
  /** NaN where nothing was answered. */
  readonly departureNs: number;
  /** 0 where nothing was answered. */
  readonly status: number;
  /** What loadgen called it; undefined where the request did not say. */
  readonly operation: { readonly lane: number; readonly iteration: number } | undefined;
}

/** Reads the log of servers/reference by the names of its columns, in order of arrival. */
export function readServerLog(csv: string): LoggedRequest[] {
  const [head = '', ...lines] = csv.trimEnd().split('\n');
  const columns = head.split(',');
  const [arrival, due, departure, status, lane, iteration] = [
    'arrival_ns',
    'due_ns',
    'departure_ns',
    'status',
    'lane',
    'iteration',
  ].map((name) => columnFromEnd(columns, name)) as [number, number, number, number, number, number];
  return lines.map((line) => {
    const fields = line.split(',');
    const at = (column: number): string => fields[column < 0 ? fields.length + column : column]!;
    return {
      arrivalNs: Number(at(arrival)),
      dueNs: Number(at(due)),
      departureNs: at(departure) === '' ? Number.NaN : Number(at(departure)),
      status: Number(at(status)),
      operation:
        at(lane) === ''
          ? undefined
          : { lane: Number(at(lane)), iteration: Number(at(iteration)) },
    };
  });
}

/** A path may hold commas: what stands behind it is counted from the end, as a negative number. */
function columnFromEnd(columns: readonly string[], name: string): number {
  const index = columns.indexOf(name);
  if (index < 0) throw new Error(`the log of the server has no column ${name}`);
  return index > columns.indexOf('path') ? index - columns.length : index;
}
