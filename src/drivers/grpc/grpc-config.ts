import { z } from 'zod';
import { byteSizeSchema } from '../vocabulary/byte-size.ts';
import { httpConnectionKeys } from '../vocabulary/http/http-connection-options.ts';
import { metadataNameProblem } from '../wire/grpc/grpc-metadata.ts';
import { MESSAGE_ENCODINGS } from '../wire/grpc/message-compression.ts';

const metadataSchema = z
  .record(z.string(), z.string().regex(/^[^\r\n]*$/, 'a value on one line'))
  .superRefine((metadata, context) => {
    for (const name of Object.keys(metadata)) {
      const message = metadataNameProblem(name);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
    }
  });

/** Keys of a grpc target beside those that every target has. */
export const grpcTargetOptions = z.strictObject({
  proto: z.array(z.string()).min(1).optional().meta({
    description: 'Files that define the services; without these keys the server is asked.',
  }),
  importPaths: z.array(z.string()).min(1).optional().meta({
    description: 'Folders in which imports of those files are looked for; by default beside them.',
  }),
  protoset: z.string().min(1).optional().meta({
    description: 'A compiled set of files instead (protoc --descriptor_set_out --include_imports).',
  }),
  reflection: z.boolean().optional().meta({
    description: 'Asks the server for its definitions; by default where no file is named.',
  }),
  metadata: metadataSchema.optional().meta({
    description:
      'Metadata of every call; that of a step wins. Names that end in -bin are sent as base64.',
  }),
  client: z.enum(['raw', 'sdk']).default('raw').meta({
    description:
      'raw: frames of our own over sockets, which measure the server; sdk: @grpc/grpc-js, as an application would use it, measured around its calls.',
  }),
  compression: z.enum(MESSAGE_ENCODINGS).default('identity').meta({
    description: 'How messages are compressed; answers may come in any of these.',
  }),
  streamsPerConnection: z.int().min(1).optional().meta({
    description:
      'Calls that a connection carries at a time; by default as many as the server allows.',
  }),
  limits: z
    .strictObject({
      receive: byteSizeSchema.prefault('64MiB').meta({
        description: 'The largest message to accept, compressed or not.',
      }),
      send: byteSizeSchema.prefault('64MiB').meta({ description: 'The largest message to send.' }),
    })
    .prefault({})
    .meta({ description: 'Sizes of messages; gRPC’s own clients stop at 4MiB.' }),
  dns: httpConnectionKeys.dns,
  sourceAddresses: httpConnectionKeys.sourceAddresses,
  tls: httpConnectionKeys.tls.meta({
    description: 'How a url with grpcs is secured, where it is not as the machine’s own rules say.',
  }),
});

export type GrpcTargetOptions = z.output<typeof grpcTargetOptions>;

/** The verb `call`. */
export const grpcCallSchema = z
  .strictObject({
    method: z
      .string()
      .regex(/^\/?[A-Za-z_][\w.]*\/[A-Za-z_]\w*$/, 'a method such as package.Service/Method')
      .meta({ description: 'What is called: package.Service/Method.' }),
    message: z.unknown().optional().meta({
      description:
        'The message by the names of its fields, or one {{ }} that is a map; else empty.',
    }),
    messages: z
      .union([z.array(z.unknown()), z.string()])
      .optional()
      .meta({
        description: 'All messages of a stream to the server: a list, or one {{ }} that is a list.',
      }),
    metadata: metadataSchema
      .optional()
      .meta({ description: 'Metadata of this call; it wins over the target’s.' }),
  })
  .superRefine(({ message, messages }, context) => {
    if (message === undefined || messages === undefined) return;
    const text = 'one of message and messages';
    context.addIssue({ code: 'custom', path: ['messages'], message: text });
  });

export type GrpcCallSpec = z.output<typeof grpcCallSchema>;
