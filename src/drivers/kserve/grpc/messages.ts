import protobuf from 'protobufjs/minimal.js';

/**
 * The messages of Triton's `grpc_service.proto` (KServe v2), written and read field by field; the
 * numbers are those of its fields. What nobody reads is passed over.
 */

const LENGTH_DELIMITED = 2;
const VARINT = 0;

/** A tag as protobuf has it. */
export function tagOf(field: number, wireType: number = LENGTH_DELIMITED): number {
  return (field << 3) | wireType;
}

/** An `inputs` entry of ModelInferRequest. */
export function inputField(name: string, datatype: string, shape: readonly number[]): Buffer {
  const writer = protobuf.Writer.create();
  writer.uint32(tagOf(5)).fork();
  writer.uint32(tagOf(1)).string(name).uint32(tagOf(2)).string(datatype);
  writer.uint32(tagOf(3)).fork();
  for (const size of shape) writer.int64(size);
  return bytesOf(writer.ldelim().ldelim());
}

/** An `outputs` entry of ModelInferRequest. */
export function outputField(name: string): Buffer {
  const writer = protobuf.Writer.create();
  return bytesOf(writer.uint32(tagOf(6)).fork().uint32(tagOf(1)).string(name).ldelim());
}

/** A text field. */
export function textField(field: number, text: string): Buffer {
  return bytesOf(protobuf.Writer.create().uint32(tagOf(field)).string(text));
}

/** An entry of a map from names to parameters: field 4 of an inference, 3 of the repository. */
export function parameterField(field: number, name: string, value: unknown): Buffer {
  const writer = protobuf.Writer.create();
  writer.uint32(tagOf(field)).fork().uint32(tagOf(1)).string(name).uint32(tagOf(2)).fork();
  if (typeof value === 'boolean') writer.uint32(tagOf(1, VARINT)).bool(value);
  else if (Number.isSafeInteger(value)) writer.uint32(tagOf(2, VARINT)).int64(value as number);
  else if (typeof value === 'number') writer.uint32(tagOf(4, 1)).double(value);
  else writer.uint32(tagOf(3)).string(String(value as string));
  return bytesOf(writer.ldelim().ldelim());
}

/** What stands before the content of a `raw_input_contents` entry. */
export function rawContentHead(byteLength: number): Buffer {
  return bytesOf(protobuf.Writer.create().uint32(tagOf(7)).uint32(byteLength));
}

/** A tensor as messages name it: what is no datatype is seen when the response is checked. */
export interface ResponseTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** A ModelInferResponse. The contents lie in the bytes that it was read from. */
export interface InferResponse {
  readonly outputs: readonly ResponseTensor[];
  readonly contents: readonly Buffer[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Throws an Error where the bytes are no such message. */
export function readInferResponse(bytes: Uint8Array): InferResponse {
  const outputs: ResponseTensor[] = [];
  const contents: Buffer[] = [];
  const parameters: Record<string, unknown> = {};
  readFields(protobuf.Reader.create(bytes), {
    4: (reader) => {
      const [name, value] = readParameter(reader);
      parameters[name] = value;
    },
    5: (reader) => void outputs.push(readTensorFact(nested(reader))),
    6: (reader) => {
      const content = reader.bytes();
      contents.push(Buffer.from(content.buffer, content.byteOffset, content.length));
    },
  });
  return { outputs, contents, parameters };
}

/** A ModelStreamInferResponse: what went wrong, or a response. */
export function readStreamResponse(bytes: Uint8Array): {
  readonly error: string;
  readonly response: InferResponse | undefined;
} {
  let error = '';
  let response: InferResponse | undefined;
  readFields(protobuf.Reader.create(bytes), {
    1: (reader) => void (error = reader.string()),
    2: (reader) => void (response = readInferResponse(reader.bytes())),
  });
  return { error, response };
}

type FieldReaders = Readonly<Record<number, (reader: protobuf.Reader) => void>>;

/** Reads the fields that there are readers for, to the end of the reader. */
export function readFields(reader: protobuf.Reader, readers: FieldReaders): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const read = readers[tag >>> 3];
    if (read === undefined) reader.skipType(tag & 7);
    else read(reader);
  }
}

/** A message within a message. */
export function nested(reader: protobuf.Reader): protobuf.Reader {
  return protobuf.Reader.create(reader.bytes());
}

export function readerOf(bytes: Uint8Array): protobuf.Reader {
  return protobuf.Reader.create(bytes);
}

/** Repeated numbers stand packed, or one a field. */
export function readShape(reader: protobuf.Reader, shape: number[], isPacked: boolean): void {
  if (!isPacked) {
    shape.push(Number(reader.int64()));
    return;
  }
  const numbers = nested(reader);
  while (numbers.pos < numbers.len) shape.push(Number(numbers.int64()));
}

/** Name, datatype and shape: fields 1 to 3 of every message about a tensor. */
export function readTensorFact(reader: protobuf.Reader): ResponseTensor {
  let name = '';
  let datatype = '';
  const shape: number[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tagOf(1)) name = reader.string();
    else if (tag === tagOf(2)) datatype = reader.string();
    else if (tag >>> 3 === 3) readShape(reader, shape, tag === tagOf(3));
    else reader.skipType(tag & 7);
  }
  return { name, datatype, shape };
}

function readParameter(reader: protobuf.Reader): [name: string, value: unknown] {
  let name = '';
  let value: unknown;
  readFields(nested(reader), {
    1: (entry) => void (name = entry.string()),
    2: (entry) =>
      readFields(nested(entry), {
        1: (choice) => void (value = choice.bool()),
        2: (choice) => void (value = Number(choice.int64())),
        3: (choice) => void (value = choice.string()),
        4: (choice) => void (value = choice.double()),
        5: (choice) => void (value = Number(choice.uint64())),
      }),
  });
  return [name, value];
}

function bytesOf(writer: protobuf.Writer): Buffer {
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
