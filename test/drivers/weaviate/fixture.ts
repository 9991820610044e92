import { grpcVectorFixture } from '../../support/odd-vector-process.ts';

export const fixture = grpcVectorFixture((port) => `http://127.0.0.1:1?grpcPort=${port}`);
