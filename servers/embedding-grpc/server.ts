import { promisify } from 'node:util';
import {
  Server,
  ServerCredentials,
  loadPackageDefinition,
  status,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { embed } from '../embedding-node/embedding.ts';

export interface EmbedRequest {
  readonly text: string;
  readonly truncate: boolean;
  readonly pause_ms: number;
}

export interface EmbedReply {
  readonly values: readonly number[];
  readonly words: number;
}

export interface EmbeddingGrpcServer {
  readonly port: number;
  close(): void;
}

/** Beyond them a text is refused, or cut. */
const wordsLimit = 512;
/** Between two messages of a stream, at most. */
const longestPauseMs = 10_000;

/** The model of servers/embedding-node behind @grpc/grpc-js: one method of each kind. */
export async function startEmbeddingGrpc(
  {
    host,
    port,
    protoFile,
  }: { readonly host: string; readonly port: number; readonly protoFile: string },
  credentials: ServerCredentials = ServerCredentials.createInsecure(),
): Promise<EmbeddingGrpcServer> {
  const definition = loadSync(protoFile, { keepCase: true, defaults: true });
  const packages = loadPackageDefinition(definition) as unknown as EmbedPackage;
  const server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 });
  const { service } = packages.embed.v1.Embedder;
  server.addService(service, { embed: one, embedWords: words, embedAll: all, embedEach: each });
  const bind = promisify(server.bindAsync.bind(server));
  const bound = await bind(`${host}:${port}`, credentials);
  return { port: bound, close: () => server.forceShutdown() };
}

interface EmbedPackage {
  readonly embed: { readonly v1: { readonly Embedder: ServiceClientConstructor } };
}

type Answer = sendUnaryData<EmbedReply>;

class Refused extends Error {
  readonly code = status.INVALID_ARGUMENT;
}

function one({ request }: ServerUnaryCall<EmbedRequest, EmbedReply>, answer: Answer): void {
  answered(answer, () => replyTo(request));
}

function words(call: ServerWritableStream<EmbedRequest, EmbedReply>): void {
  const { text, truncate, pause_ms: pauseMs } = call.request;
  const waiting = wordsOf(text);
  const next = (): void => {
    const word = waiting.shift();
    if (call.cancelled) return;
    if (word === undefined) {
      call.end();
      return;
    }
    call.write(replyTo({ text: word, truncate, pause_ms: 0 }));
    setTimeout(next, Math.min(Math.max(pauseMs, 0), longestPauseMs));
  };
  next();
}

function all(call: ServerReadableStream<EmbedRequest, EmbedReply>, answer: Answer): void {
  const requests: EmbedRequest[] = [];
  call.on('data', (request: EmbedRequest) => requests.push(request));
  call.on('error', () => {});
  call.on('end', () => answered(answer, () => meanOf(requests.map(replyTo))));
}

function each(call: ServerDuplexStream<EmbedRequest, EmbedReply>): void {
  call.on('data', (request: EmbedRequest) => {
    try {
      call.write(replyTo(request));
    } catch (error) {
      call.destroy(error as Error);
    }
  });
  call.on('error', () => {});
  call.on('end', () => call.end());
}

function answered(answer: Answer, reply: () => EmbedReply): void {
  try {
    answer(null, reply());
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    answer(error);
  }
}

function replyTo({ text, truncate }: EmbedRequest): EmbedReply {
  const found = wordsOf(text);
  if (found.length === 0) throw new Refused('the text is empty');
  if (found.length > wordsLimit && !truncate) throw new Refused(`over ${wordsLimit} words`);
  const kept = found.slice(0, wordsLimit);
  return { values: [...embed(kept.join(' '))], words: kept.length };
}

function meanOf(replies: readonly EmbedReply[]): EmbedReply {
  const [first] = replies;
  if (first === undefined) throw new Refused('there is no text');
  const values = first.values.map(
    (_, at) => replies.reduce((sum, reply) => sum + reply.values[at]!, 0) / replies.length,
  );
  return { values, words: replies.reduce((sum, reply) => sum + reply.words, 0) };
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
