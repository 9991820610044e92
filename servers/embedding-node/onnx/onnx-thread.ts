/** The thread that computes: texts come as messages, embeddings go back. */
import { parentPort, workerData } from 'node:worker_threads';
import { openModel, type Model } from './model.ts';

export interface OnnxOptions {
  /** Made by servers/models; undefined is its default in the cache. */
  readonly modelFolder: string | undefined;
  /** That compute one request. */
  readonly threads: number;
  /** Of a text; the rest is cut off. */
  readonly maxTokens: number;
}

export type OnnxReady =
  | { readonly model: string; readonly dimensions: number; readonly loadSeconds: number }
  | { readonly failure: string };

export interface OnnxRequest {
  readonly id: number;
  readonly texts: readonly string[];
}

export interface OnnxAnswer {
  readonly id: number;
  readonly embeddings?: readonly Float32Array[];
  readonly failure?: string;
}

const port = parentPort!;
try {
  const model = await openModel(workerData as OnnxOptions);
  const { name, dimensions, loadSeconds } = model;
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: OnnxRequest) => {
    last = last.then(async () => port.postMessage(await answer(model, request)));
  });
  port.postMessage({ model: name, dimensions, loadSeconds } satisfies OnnxReady);
} catch (error) {
  port.postMessage({ failure: (error as Error).message } satisfies OnnxReady);
}

async function answer(model: Model, { id, texts }: OnnxRequest): Promise<OnnxAnswer> {
  try {
    return { id, embeddings: await model.embed(texts) };
  } catch (error) {
    return { id, failure: (error as Error).message };
  }
}
