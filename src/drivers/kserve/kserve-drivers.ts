import type { DriverModule } from '../driver.ts';
import { KserveGrpcDriver } from './grpc/kserve-grpc-driver.ts';
import { KserveHttpDriver } from './http/kserve-http-driver.ts';

/** The scheme of the target's url picks the protocol. */
export const kserveDrivers: DriverModule = {
  create: (context) =>
    isGrpcUrl(context.url) ? new KserveGrpcDriver(context) : new KserveHttpDriver(context),
};

export function isGrpcUrl(url: string): boolean {
  return /^grpcs?:/i.test(url);
}
