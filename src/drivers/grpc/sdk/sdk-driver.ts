import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  ChannelCredentials,
  Client,
  compressionAlgorithms,
  type ChannelOptions,
} from '@grpc/grpc-js';
import type { Root } from 'protobufjs';
import { NS_PER_MS, type Clock } from '../../../base/time/clock.ts';
import type { Scope } from '../../../base/expressions/template.ts';
import type { TimerWheel } from '../../../base/time/timer-wheel.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { Driver, DriverContext, PreparedOperation, VerbUse } from '../../driver.ts';
import { FailureReasons } from '../../vocabulary/failure-reasons.ts';
import { isSecureUrl } from '../../vocabulary/http2/http2-place.ts';
import { MESSAGE_HEAD_BYTES } from '../../wire/grpc/message-frame.ts';
import { callMessages, decoderOf } from '../grpc-call.ts';
import type { GrpcCallSpec, GrpcTargetOptions } from '../grpc-config.ts';
import { metadataTemplate } from '../grpc-metadata-fields.ts';
import { methodOf } from '../grpc-method.ts';
import { SdkSession, type SdkRequest } from './sdk-session.ts';

/**
 * gRPC as an application would speak it: @grpc/grpc-js with its own queues, name look-up and
 * HTTP/2. What it measures is the time around its calls. Hidden retries are off.
 */
export class SdkDriver implements Driver {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly slots: OperationSlots;
  readonly connectTimeoutMs: number;
  readonly keepsConnections: boolean;
  readonly reasons = new FailureReasons();
  lateAnswers = 0;

  readonly #root: Root;
  readonly #name: string;
  readonly #options: GrpcTargetOptions;
  readonly #credentials: ChannelCredentials;
  readonly #address: string;
  readonly #sharedCount: number | undefined;
  readonly #shared: (Client | undefined)[] = [];
  readonly #sessions: (SdkSession | undefined)[] = [];
  readonly #firstTimer: number;

  constructor(context: DriverContext, root: Root) {
    const { clock, wheel, slots, name, connectTimeoutMs, connection, connections } = context;
    this.clock = clock;
    this.wheel = wheel;
    this.slots = slots;
    this.connectTimeoutMs = connectTimeoutMs;
    this.keepsConnections = connection !== 'perRequest';
    this.#root = root;
    this.#name = name;
    this.#options = context.options as GrpcTargetOptions;
    const url = new URL(context.url);
    this.#address =
      url.protocol === 'unix:' ? `unix:${decodeURIComponent(url.pathname)}` : url.host;
    this.#credentials = credentialsOf(url, this.#options, context.baseFolder);
    this.#sharedCount = this.keepsConnections ? connections : undefined;
    this.#firstTimer = wheel.register(slots.count, (slot) => this.#sessions[slot]?.expire());
  }

  compile(use: VerbUse): PreparedOperation {
    const spec = use.spec as GrpcCallSpec;
    const { limits, metadata: ofTarget = {} } = this.#options;
    const method = methodOf(this.#root, spec.method, this.#name);
    // The client compresses by itself.
    const encoding = 'identity';
    const context = { target: this.#name, method, encoding, sendLimitBytes: limits.send } as const;
    const messages = callMessages(use, context);
    const metadata = metadataTemplate(use, { ...ofTarget, ...spec.metadata });
    const timeoutNs = use.timeoutMs * NS_PER_MS;
    const { fieldsRead } = use;
    const keepsMessages = fieldsRead.has('message') || fieldsRead.has('messages');
    const operation = { method, timeoutNs, keepsMessages, decode: decoderOf(method.response) };
    return {
      bind: (scope: Scope): SdkRequest => ({
        operation,
        metadata: [...metadata.constant, ...metadata.changing(scope)],
        messages: messages(scope).map((framed) => framed.subarray(MESSAGE_HEAD_BYTES)),
      }),
    };
  }

  open(slot: number): SdkSession {
    const session = new SdkSession(this, {
      timer: this.#firstTimer + slot,
      shared: this.#sharedCount === undefined ? undefined : this.#clientOf(slot),
      closed: () => {
        this.#sessions[slot] = undefined;
      },
    });
    this.#sessions[slot] = session;
    return session;
  }

  newClient(): Client {
    const { limits, compression, tls } = this.#options;
    const options: ChannelOptions = {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.max_receive_message_length': limits.receive,
      'grpc.max_send_message_length': limits.send,
      'grpc.default_compression_algorithm': compressionAlgorithms[compression],
      ...(tls?.serverName !== undefined && { 'grpc.ssl_target_name_override': tls.serverName }),
    };
    return new Client(this.#address, this.#credentials, options);
  }

  openConnections(): number {
    const shared = this.#shared.filter((client) => client !== undefined).length;
    const own = this.#sessions.filter((session) => session?.isOpen === true).length;
    return this.#sharedCount === undefined ? own : shared;
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.reasons.counts;
  }

  close(): void {
    for (const session of this.#sessions) session?.close();
    for (const client of this.#shared) client?.close();
  }

  #clientOf(slot: number): Client {
    const index = slot % this.#sharedCount!;
    this.#shared[index] ??= this.newClient();
    return this.#shared[index];
  }
}

function credentialsOf(
  url: URL,
  { tls }: GrpcTargetOptions,
  baseFolder: string,
): ChannelCredentials {
  if (!isSecureUrl(url)) return ChannelCredentials.createInsecure();
  const read = (file: string | undefined): Buffer | null =>
    file === undefined ? null : readFileSync(resolve(baseFolder, file));
  const options = { rejectUnauthorized: tls?.insecure !== true };
  return ChannelCredentials.createSsl(read(tls?.ca), read(tls?.key), read(tls?.cert), options);
}
