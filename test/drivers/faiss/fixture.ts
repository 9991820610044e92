import { httpVectorFixture } from '../../support/odd-vector-process.ts';

export const fixture = httpVectorFixture();
