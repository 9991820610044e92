import type { DriverModule } from '../driver.ts';
import { KserveGrpcDriver } from './grpc/kserve-grpc-driver.ts';
import { KserveHttpDriver } from './http/kserve-http-driver.ts';

const GRPC_SCHEME = /^grpcs?:/i;

/** The scheme of the target's url picks the protocol. */
export const kserveDrivers: DriverModule = {
  create: (context) =>
    GRPC_SCHEME.test(context.url) ? new KserveGrpcDriver(context) : new KserveHttpDriver(context),
};
