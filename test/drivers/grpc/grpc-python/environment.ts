import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const install = join(import.meta.dirname, 'install.sh');
const venv = spawnSync('bash', [install, '--path'], { encoding: 'utf8' });

/** The Python that has gRPC and protoc; undefined where it is not installed. */
export const grpcPython: string | undefined =
  venv.status === 0 ? join(venv.stdout.trim(), 'bin/python') : undefined;

/** For the tests that need it. */
export const skipWithoutGrpcPython: string | false =
  grpcPython === undefined
    ? 'gRPC for Python is not installed (test/drivers/grpc/grpc-python/install.sh)'
    : false;
