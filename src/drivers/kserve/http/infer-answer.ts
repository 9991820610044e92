import type { KeptBytes } from '../../wire/http1/kept-bytes.ts';
import { outputOf, type Outputs, type OutputTensor } from '../outputs.ts';
import { misfitOf } from '../tensor-values.ts';
import { readAnswerHead, type AnswerHead, type OutputHead } from './answer-head.ts';

/** A longer JSON is read anew each time. */
const REMEMBERED_BYTES = 4096;

/**
 * One answer to `infer`: JSON, and behind it the tensors that came as bytes. It is checked when it
 * is complete, and its tensors are decoded when somebody reads them. A server under load sends the
 * same JSON again and again, so the last one that was read is kept.
 */
export class InferAnswer {
  #json: Buffer = Buffer.alloc(0);
  #head: AnswerHead | undefined;
  #body: KeptBytes | undefined;
  #outputs: Outputs | undefined;

  /** Why the body is no answer with these outputs; undefined where it is one. */
  problem(
    body: KeptBytes,
    jsonBytes: number | undefined,
    wanted: readonly string[],
  ): string | undefined {
    this.clear();
    const jsonEnd = jsonBytes ?? body.length;
    if (jsonEnd > body.length) return `${body.length} bytes, where the JSON alone has ${jsonEnd}`;
    try {
      this.#readHead(body, jsonEnd);
    } catch (error) {
      return (error as Error).message;
    }
    this.#body = body;
    return this.#tensorProblem(body, jsonEnd) ?? this.#missing(wanted);
  }

  get outputs(): Outputs | undefined {
    if (this.#body === undefined) return undefined;
    return (this.#outputs ??= this.#read(this.#body));
  }

  get parameters(): Readonly<Record<string, unknown>> | undefined {
    return this.#body === undefined ? undefined : this.#head?.parameters;
  }

  clear(): void {
    this.#body = undefined;
    this.#outputs = undefined;
  }

  #readHead({ bytes }: KeptBytes, end: number): void {
    const isSame =
      this.#head !== undefined &&
      end === this.#json.length &&
      bytes.compare(this.#json, 0, end, 0, end) === 0;
    if (isSame) return;
    this.#head = undefined;
    const head = readAnswerHead(bytes.toString('utf8', 0, end));
    this.#json = end > REMEMBERED_BYTES ? Buffer.alloc(0) : Buffer.from(bytes.subarray(0, end));
    this.#head = head;
  }

  #tensorProblem({ bytes, length }: KeptBytes, jsonEnd: number): string | undefined {
    let at = jsonEnd;
    for (const { name, datatype, shape, byteLength = 0, ...output } of this.#head!.outputs) {
      if (at + byteLength > length) return `output ${name} is cut off`;
      const part = bytes.subarray(at, at + byteLength);
      at += byteLength;
      const isBinary = output.data.length === 0;
      const misfit = isBinary ? misfitOf(datatype, shape, part) : undefined;
      if (misfit !== undefined) return `output ${name}: ${misfit}`;
    }
    return at === length ? undefined : `${length - at} bytes behind the last output`;
  }

  #missing(wanted: readonly string[]): string | undefined {
    const { outputs } = this.#head!;
    const name = wanted.find((one) => !outputs.some((output) => output.name === one));
    return name === undefined ? undefined : `the answer has no output ${name}`;
  }

  #read({ bytes, length }: KeptBytes): Outputs {
    const { outputs } = this.#head!;
    let at = length - outputs.reduce((sum, { byteLength = 0 }) => sum + byteLength, 0);
    const entries = outputs.map((output): [string, OutputTensor] => {
      const from = at;
      at += output.byteLength ?? 0;
      return [output.name, tensorOf(output, bytes.subarray(from, at))];
    });
    return Object.fromEntries(entries);
  }
}

function tensorOf({ datatype, shape, byteLength, data }: OutputHead, bytes: Buffer): OutputTensor {
  if (byteLength === undefined) return { datatype, shape, values: data };
  return outputOf(datatype, shape, bytes);
}
