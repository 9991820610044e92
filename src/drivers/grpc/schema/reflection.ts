import protobuf from 'protobufjs';
import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import type { DriverContext } from '../../driver.ts';
import { callOnce } from './call-once.ts';

/** What grpc.reflection.v1 and v1alpha both say (grpc/grpc-proto, reflection.proto), in part. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message Request {
    string file_by_filename = 3;
    string file_containing_symbol = 4;
    string list_services = 7;
  }
  message Response {
    Files file_descriptor_response = 4;
    Services list_services_response = 6;
    Failure error_response = 7;
  }
  message Files { repeated bytes file_descriptor_proto = 1; }
  message Services { repeated Service service = 1; }
  message Service { string name = 1; }
  message Failure { int32 error_code = 1; string error_message = 2; }
  message File { string name = 1; repeated string dependency = 3; }
`,
  { keepCase: true },
);
const REQUEST = root.lookupType('Request');
const RESPONSE = root.lookupType('Response');
const FILE = root.lookupType('File');

const VERSIONS = ['v1', 'v1alpha'] as const;
/** Files that the definitions of one server may have. */
const FILES_LIMIT = 10_000;

interface ReflectionRequest {
  readonly file_by_filename?: string;
  readonly file_containing_symbol?: string;
  readonly list_services?: string;
}

interface ReflectionResponse {
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Uint8Array[] };
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly error_response?: { readonly error_message: string };
}

/** The services that the server says it has. Throws TARGET_NOT_USABLE where it does not. */
export async function reflectedServices(context: DriverContext): Promise<readonly string[]> {
  const { responses } = await ask(context, [{ list_services: '*' }]);
  return responses.flatMap(
    ({ list_services_response: list }) => list?.service.map(({ name }) => name) ?? [],
  );
}

/** The definitions of all services of the server and what they import, as FileDescriptorProtos. */
export async function reflectedFiles(context: DriverContext): Promise<readonly Uint8Array[]> {
  const services = await reflectedServices(context);
  const files = new Map<string, Uint8Array>();
  let wanted: readonly ReflectionRequest[] = services
    .filter((name) => !name.startsWith('grpc.reflection.'))
    .map((name) => ({ file_containing_symbol: name }));
  while (wanted.length > 0 && files.size < FILES_LIMIT) {
    const { responses } = await ask(context, wanted);
    const dependencies = new Set<string>();
    for (const { file_descriptor_response: found } of responses) {
      for (const bytes of found?.file_descriptor_proto ?? []) {
        const { name, dependency } = FILE.toObject(FILE.decode(bytes), {
          arrays: true,
        }) as FileNames;
        files.set(name, bytes);
        for (const file of dependency) dependencies.add(file);
      }
    }
    // Some servers send what a file imports with it, others wait to be asked.
    const missing = [...dependencies].filter((name) => !files.has(name));
    wanted = missing.map((name) => ({ file_by_filename: name }));
  }
  return [...files.values()];
}

interface FileNames {
  readonly name: string;
  readonly dependency: readonly string[];
}

/** Asks in the newer version, and in the older one of a server that does not know it. */
async function ask(
  context: DriverContext,
  requests: readonly ReflectionRequest[],
): Promise<{ readonly responses: readonly ReflectionResponse[] }> {
  const messages = requests.map((request) => REQUEST.encode(REQUEST.create(request)).finish());
  let reason = '';
  for (const version of VERSIONS) {
    const method = `grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const answer = await callOnce(context, { method, messages });
    if (answer.code === 'OK') {
      const responses = answer.messages.map(
        (bytes) => RESPONSE.toObject(RESPONSE.decode(bytes)) as ReflectionResponse,
      );
      const failed = responses.find(({ error_response: failure }) => failure !== undefined);
      if (failed === undefined) return { responses };
      reason = failed.error_response!.error_message;
      break;
    }
    reason = answer.reason;
    if (answer.code !== 'UNIMPLEMENTED') break;
    reason = 'it has no reflection; name its proto files';
  }
  throw new LoadgenError('TARGET_NOT_USABLE', {
    target: context.name,
    reason: `the server was asked for its definitions: ${reason}`,
  });
}
