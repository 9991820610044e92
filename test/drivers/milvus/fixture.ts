import { grpcVectorFixture } from '../../support/odd-vector-process.ts';

export const fixture = grpcVectorFixture((port) => `grpc://127.0.0.1:${port}`);
