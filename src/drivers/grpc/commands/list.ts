import type { DriverCommand } from '../../driver.ts';
import { reflectedServices } from '../schema/reflection.ts';

/** `loadgen grpc list ADDRESS`: what the server says it serves, a line each. */
export const list: DriverCommand = async (context) => {
  const services = await reflectedServices(context);
  return services.map((name) => `${name}\n`).join('');
};
