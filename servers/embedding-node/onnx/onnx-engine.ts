import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Engine } from '../engine.ts';
import type { OnnxAnswer, OnnxOptions, OnnxReady } from './onnx-thread.ts';

interface Waiting {
  readonly resolve: (embeddings: readonly Float32Array[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * ONNX Runtime in a thread of its own, since it computes without giving way: one request after the
 * other. Rejects with what is missing and how it is had.
 */
export async function openOnnxEngine({
  modelFolder,
  threads,
  maxTokens,
}: OnnxOptions): Promise<Engine> {
  const thread = new Worker(new URL('./onnx-thread.ts', import.meta.url), {
    workerData: { modelFolder, threads, maxTokens },
  });
  const [ready] = (await once(thread, 'message')) as [OnnxReady];
  if ('failure' in ready) {
    await thread.terminate();
    throw new Error(ready.failure);
  }
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  thread.on('message', ({ id, embeddings, failure }: OnnxAnswer) => {
    const { resolve, reject } = waiting.get(id)!;
    waiting.delete(id);
    if (embeddings === undefined) reject(new Error(failure));
    else resolve(embeddings);
  });
  return {
    ...ready,
    embed: (texts) =>
      new Promise((resolve, reject) => {
        waiting.set(++lastId, { resolve, reject });
        thread.postMessage({ id: lastId, texts });
      }),
    close: async () => void (await thread.terminate()),
  };
}
