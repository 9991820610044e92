import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import type { VerbUse } from '../../driver.ts';
import type { GrpcClient } from '../../vocabulary/grpc/grpc-client.ts';
import { callFields, type GrpcOperation } from '../../vocabulary/grpc/grpc-request.ts';
import { constantAuthorization } from '../../vocabulary/http/http-auth.ts';
import type { HttpConnectionOptions } from '../../vocabulary/http/http-connection-options.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';

const SERVICE = 'inference.GRPCInferenceService';

/** What a target says about each of its calls. */
export interface GrpcTarget {
  /** Its key in the scenario. */
  readonly name: string;
  readonly client: GrpcClient;
  readonly options: Partial<HttpConnectionOptions>;
}

export interface GrpcCall {
  readonly method: string;
  readonly timeoutMs: number;
  readonly streamsAnswers?: boolean;
  readonly keepsMessages?: boolean;
}

/** What all calls of one step have in common. */
export function operationOf({ client, options }: GrpcTarget, call: GrpcCall): GrpcOperation {
  const { method, timeoutMs, streamsAnswers = false, keepsMessages = false } = call;
  const { authority, isSecure } = client.place;
  const metadata = metadataOf(options);
  const fields = { authority, isSecure, method: `${SERVICE}/${method}`, timeoutMs, metadata };
  return {
    timeoutNs: timeoutMs * NS_PER_MS,
    fields: callFields(fields),
    streamsAnswers,
    keepsMessages,
  };
}

/** Throws TARGET_NOT_USABLE for a header that differs from call to call. */
export function checkHeaders({ name, options }: GrpcTarget, use: VerbUse): void {
  for (const [header, value] of Object.entries(options.headers ?? {})) {
    if (use.template(value, 'header').constant !== undefined) continue;
    const reason = `header ${header}: over gRPC it has to be the same in each call`;
    throw new LoadgenError('TARGET_NOT_USABLE', { target: name, reason });
  }
}

function metadataOf({ headers = {}, auth }: GrpcTarget['options']): HeaderField[] {
  const given = Object.entries(headers).map(([name, value]) => {
    return { name: name.toLowerCase(), value };
  });
  const authorization = auth && constantAuthorization(auth);
  const isGiven = given.some(({ name }) => name === 'authorization');
  if (authorization === undefined || isGiven) return given;
  return [...given, { name: 'authorization', value: authorization }];
}
