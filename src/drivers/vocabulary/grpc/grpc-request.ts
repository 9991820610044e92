import { USER_AGENT } from '../http/user-agent.ts';
import { ACCEPTED_ENCODINGS, type MessageEncoding } from '../../wire/grpc/message-compression.ts';
import { grpcTimeout } from '../../wire/grpc/grpc-timeout.ts';
import { PreparedFields } from '../../wire/http2/hpack/header-encoder.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';
import type { DecodeMessage } from './grpc-result.ts';

/** What all calls of one step have in common. */
export interface GrpcOperation {
  readonly timeoutNs: number;
  readonly fields: PreparedFields;
  /** The answer is a stream: any number of messages is right. Else it is exactly one. */
  readonly streamsAnswers: boolean;
  /** Copies of the messages are kept for the expressions that read them. */
  readonly keepsMessages: boolean;
  /** How those expressions see a message. */
  readonly decode?: DecodeMessage;
}

/** One call, ready to be sent. */
export interface GrpcRequest {
  readonly operation: GrpcOperation;
  /** Metadata that differs from call to call, as literals of a header block. */
  readonly literals: string;
  /** Messages with their heads (`framedMessage`), one after another, in pieces of any size. */
  readonly pieces: readonly Buffer[];
}

export interface GrpcCallFields {
  /** The host as the target's url names it. */
  readonly authority: string;
  readonly isSecure: boolean;
  /** `package.Service/Method`. */
  readonly method: string;
  readonly timeoutMs: number;
  readonly encoding?: MessageEncoding;
  /** Metadata that is the same in each call. */
  readonly metadata: readonly HeaderField[];
}

/** The header fields that are the same in every call of a step, in the order that gRPC asks for. */
export function callFields(call: GrpcCallFields): PreparedFields {
  const { authority, isSecure, method, timeoutMs, encoding = 'identity', metadata } = call;
  return new PreparedFields([
    { name: ':method', value: 'POST' },
    { name: ':scheme', value: isSecure ? 'https' : 'http' },
    { name: ':path', value: `/${method}` },
    { name: ':authority', value: authority },
    { name: 'te', value: 'trailers' },
    { name: 'grpc-timeout', value: grpcTimeout(timeoutMs) },
    { name: 'content-type', value: 'application/grpc' },
    ...(encoding === 'identity' ? [] : [{ name: 'grpc-encoding', value: encoding }]),
    { name: 'grpc-accept-encoding', value: ACCEPTED_ENCODINGS },
    { name: 'user-agent', value: USER_AGENT },
    ...metadata,
  ]);
}
