import type { Type } from 'protobufjs';
import { ExpressionError } from '../../base/expressions/expression-error.ts';
import type { Scope } from '../../base/expressions/template.ts';
import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';
import type { VerbUse } from '../driver.ts';
import { compressMessage, type MessageEncoding } from '../wire/grpc/message-compression.ts';
import { framedMessage, MESSAGE_HEAD_BYTES } from '../wire/grpc/message-frame.ts';
import type { GrpcCallSpec } from './grpc-config.ts';
import type { GrpcMethod } from './grpc-method.ts';
import { compileMessage, type MessageTemplate } from './message-template.ts';
import { encodeMessage } from './schema/field-encoding.ts';

export interface CallContext {
  /** The target's key in the scenario. */
  readonly target: string;
  readonly method: GrpcMethod;
  readonly encoding: MessageEncoding;
  readonly sendLimitBytes: number;
}

/** The messages of a call with their heads; the same list each time where nothing changes. */
export type CallMessages = (scope: Scope) => readonly Buffer[];

/** Throws TARGET_NOT_USABLE where the spec does not fit the method. */
export function callMessages(use: VerbUse, context: CallContext): CallMessages {
  const { target, method } = context;
  try {
    return messagesOf(use, context);
  } catch (thrown) {
    if (thrown instanceof LoadgenError || thrown instanceof ExpressionError) throw thrown;
    const reason = `${method.path}: ${reasonOf(thrown)}`;
    throw new LoadgenError('TARGET_NOT_USABLE', { target, reason }, { cause: thrown });
  }
}

/** What expressions read of an answer, by the names of the proto file. */
export function decoderOf(type: Type): (bytes: Uint8Array) => unknown {
  const options = { longs: Number, enums: String, defaults: true, arrays: true, objects: true };
  return (bytes) => type.toObject(type.decode(bytes), options);
}

function messagesOf(use: VerbUse, context: CallContext): CallMessages {
  const { message = {}, messages } = use.spec as GrpcCallSpec;
  const { request, streamsRequests } = context.method;
  const finish = finisher(context);
  if (messages !== undefined && !streamsRequests) {
    throw new Error('it takes one message: say message instead of messages');
  }
  if (typeof messages === 'string') return listedMessages(use, messages, { type: request, finish });
  const templates = (messages ?? [message]).map((value) => compileMessage(use, request, value));
  const constants = templates.map(({ constant }) => constant && finish(constant));
  if (constants.every((constant) => constant !== undefined)) return () => constants;
  const [only] = templates;
  if (templates.length === 1) return (scope) => [finish(only!.frame(scope))];
  return (scope) =>
    templates.map((template, index) => constants[index] ?? frameOf(template, scope, finish));
}

function frameOf(template: MessageTemplate, scope: Scope, finish: Finish): Buffer {
  return finish(template.frame(scope));
}

/** One `{{ }}` that is a list of messages. */
function listedMessages(
  use: VerbUse,
  text: string,
  { type, finish }: { readonly type: Type; readonly finish: Finish },
): CallMessages {
  const value = use.value(text);
  return (scope) => {
    const list = value(scope);
    if (!Array.isArray(list)) throw new ExpressionError('this is no list of messages', { text });
    return list.map((item) => {
      try {
        return finish(framedMessage(encodeMessage(type, item)));
      } catch (error) {
        throw new ExpressionError(reasonOf(error), { text }, { cause: error });
      }
    });
  };
}

type Finish = (framed: Buffer) => Buffer;

/** Compresses a message, and refuses one that is too large. */
function finisher({ encoding, sendLimitBytes, method }: CallContext): Finish {
  return (framed) => {
    const messageBytes = framed.length - MESSAGE_HEAD_BYTES;
    if (messageBytes > sendLimitBytes) {
      const reason = `a message of ${messageBytes} bytes, and limits.send is ${sendLimitBytes}`;
      throw new ExpressionError(reason, { text: method.path });
    }
    if (encoding === 'identity') return framed;
    return framedMessage(compressMessage(framed.subarray(MESSAGE_HEAD_BYTES), encoding), true);
  };
}
