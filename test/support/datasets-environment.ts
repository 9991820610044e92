import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../data/datasets');

/** The Python with h5py, numpy and pyarrow; undefined where it is not installed. */
function datasetsPython(): string | undefined {
  const { status, stdout } = spawnSync('bash', [join(FOLDER, 'install.sh'), '--path'], {
    encoding: 'utf8',
  });
  return status === 0 ? join(stdout.trim(), 'bin/python') : undefined;
}

const python = datasetsPython();

/** For the option `skip` of a test: false, or why it cannot run. */
export const skipsWithoutPython: string | false =
  python === undefined &&
  'h5py, numpy and pyarrow are not installed (test/data/datasets/install.sh)';

/** Has data sets written into `folder` by other libraries: see `write_datasets.py`. */
export function writeDatasets(folder: string): void {
  const { status, stderr } = spawnSync(python!, [join(FOLDER, 'write_datasets.py'), folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}
