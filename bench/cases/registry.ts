import type { BenchCase } from './bench-case.ts';
import { connections } from './connections.ts';
import { constant } from './constant.ts';
import { freeze } from './freeze.ts';
import { httpClosed } from './http-closed.ts';
import { grpc } from './grpc.ts';
import { httpClients } from './http-clients.ts';
import { knn } from './knn.ts';
import { memory } from './memory.ts';
import { open5000 } from './open-5000.ts';
import { sse } from './sse.ts';
import { postgresSelect, postgresTpcb } from './postgres-closed.ts';
import { postgresOpen } from './postgres-open.ts';
import { soak } from './soak.ts';
import { triton } from './triton.ts';
import { verdict } from './verdict.ts';

export const CASES: readonly BenchCase[] = [
  httpClosed,
  httpClients,
  grpc,
  freeze,
  open5000,
  connections,
  memory,
  constant,
  verdict,
  postgresSelect,
  postgresTpcb,
  postgresOpen,
  triton,
  soak,
  sse,
  knn,
];
