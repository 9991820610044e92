import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import protobuf, { type Root } from 'protobufjs';
// Gives `Root.fromDescriptor` to protobufjs.
import 'protobufjs/ext/descriptor.js';
import { LoadgenError, reasonOf } from '../../../base/errors/loadgen-error.ts';
import type { DriverContext } from '../../driver.ts';
import type { GrpcTargetOptions } from '../grpc-config.ts';
import { reflectedFiles } from './reflection.ts';

/** Names of fields stay as the proto files have them. */
const KEEP_NAMES = { keepCase: true };

/**
 * The services and messages of a target: from its proto files, a protoset, or the server itself.
 * Throws TARGET_NOT_USABLE where they cannot be had.
 */
export async function loadSchema(context: DriverContext): Promise<Root> {
  const { proto, importPaths = [], protoset } = context.options as Partial<GrpcTargetOptions>;
  const { baseFolder } = context;
  try {
    if (proto !== undefined) {
      return await rootOfFiles(
        proto.map((file) => resolve(baseFolder, file)),
        {
          folders: importPaths.map((folder) => resolve(baseFolder, folder)),
        },
      );
    }
    if (protoset === undefined) return rootOfSet(descriptorSet(await reflectedFiles(context)));
    return rootOfSet(readFileSync(resolve(baseFolder, protoset)));
  } catch (thrown) {
    if (thrown instanceof LoadgenError) throw thrown;
    const reason = `its definitions cannot be read: ${reasonOf(thrown)}`;
    throw new LoadgenError(
      'TARGET_NOT_USABLE',
      { target: context.name, reason },
      { cause: thrown },
    );
  }
}

async function rootOfFiles(
  files: readonly string[],
  { folders }: { readonly folders: readonly string[] },
): Promise<Root> {
  const root = new protobuf.Root();
  root.resolvePath = (origin, target) => {
    if (origin === '') return target;
    const places = [...folders, dirname(origin), ...files.map((file) => dirname(file))];
    const found = places.map((folder) => resolve(folder, target)).find((file) => existsSync(file));
    // What protobufjs brings itself (google/protobuf/*.proto) is found by its name.
    return found ?? target;
  };
  await root.load([...files], KEEP_NAMES);
  root.resolveAll();
  return root;
}

function rootOfSet(bytes: Buffer): Root {
  const root = protobuf.Root.fromDescriptor(bytes, KEEP_NAMES);
  root.resolveAll();
  return root;
}

/** Files one after another are a FileDescriptorSet: field 1, repeated. */
function descriptorSet(files: readonly Uint8Array[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const file of files) writer.uint32(0x0a).bytes(file);
  return Buffer.from(writer.finish());
}
