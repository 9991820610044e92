import type { DriverFixture } from '../driver-fixture.ts';
import { httpVectorFixture } from '../../support/odd-vector-process.ts';

/** The first request asks for the id of its collection. */
export const fixture: DriverFixture = { ...httpVectorFixture(), firstConnections: 1 };
