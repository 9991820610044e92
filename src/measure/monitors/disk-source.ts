import type { MetricDeclaration } from '../metrics/metric.ts';
import { allocatedBytes } from './folder-size.ts';
import type { ServerSource } from './server-source.ts';

export const SERVER_DISK: MetricDeclaration = {
  name: 'server_disk',
  kind: 'gauge',
  unit: 'bytes',
  description: 'Disk that the data of a server takes which loadgen started: allocated blocks.',
  better: 'lower',
};

/**
 * What the data folder of a server takes. A source of its own: a large folder takes its time, and
 * what is seen of the processes must not wait for it.
 */
export function diskSource(about: {
  readonly target: string;
  readonly everyNs: number;
  readonly folder: string;
}): ServerSource {
  const { target, everyNs, folder } = about;
  return {
    target,
    kind: 'disk',
    everyNs,
    async read() {
      const value = await allocatedBytes(folder);
      return [{ declaration: SERVER_DISK, tags: { target }, value }];
    },
    close() {},
  };
}
