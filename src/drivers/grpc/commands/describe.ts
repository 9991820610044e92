import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { DriverCommand } from '../../driver.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { definitionText, servicesOf } from './definition-text.ts';

/** `loadgen grpc describe ADDRESS [NAME]`: one definition, or all services. */
export const describe: DriverCommand = async (context, [name]) => {
  const root = await loadSchema(context);
  if (name === undefined) {
    return servicesOf(root)
      .map((service) => definitionText(root, service))
      .join('\n');
  }
  const text = definitionText(root, name);
  if (text !== undefined) return text;
  const reason = `it has no service, message or enumeration called ${name}`;
  throw new LoadgenError('TARGET_NOT_USABLE', { target: context.name, reason });
};
