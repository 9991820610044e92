import type { Method, Root, Type } from 'protobufjs';
import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';

/** A method of a service, with what it takes and gives. */
export interface GrpcMethod {
  /** `package.Service/Method`. */
  readonly path: string;
  readonly request: Type;
  readonly response: Type;
  readonly streamsRequests: boolean;
  readonly streamsAnswers: boolean;
}

/** Throws TARGET_NOT_USABLE where the definitions have no such method. */
export function methodOf(root: Root, path: string, target: string): GrpcMethod {
  const [service = '', name = ''] = path.replace(/^\//, '').split('/');
  let method: Method | undefined;
  try {
    const found = root.lookupService(service);
    method = found.methods[name];
    if (method === undefined) {
      throw new Error(
        `${service} has no method ${name}; it has ${Object.keys(found.methods).join(', ')}`,
      );
    }
    method.resolve();
  } catch (thrown) {
    const reason = reasonOf(thrown).replace('no such Service', 'there is no service');
    throw new LoadgenError('TARGET_NOT_USABLE', { target, reason }, { cause: thrown });
  }
  return {
    path: `${service}/${name}`,
    request: method.resolvedRequestType!,
    response: method.resolvedResponseType!,
    streamsRequests: method.requestStream === true,
    streamsAnswers: method.responseStream === true,
  };
}
