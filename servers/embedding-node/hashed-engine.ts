import { embed, modelName } from './embedding.ts';
import { embeddingsToJson } from './embedding-json.ts';
import type { Engine } from './engine.ts';
import { dimensions } from './projection.ts';

/** A batch of long texts takes much longer than one request should block all others. */
const longestSliceNs = 1_000_000n;

/** Hashed words and runs of characters, in the thread that answers: see README.md. */
export function openHashedEngine(): Engine {
  const about = { model: modelName, dimensions };
  return { ...about, loadSeconds: warmUpSeconds(about), embed: embedAll, close: async () => {} };
}

/** Nothing is loaded from disk: what takes time at the start is compiling the embedding code. */
function warmUpSeconds(about: Pick<Engine, 'model' | 'dimensions'>): number {
  const beginNs = process.hrtime.bigint();
  for (let turn = 0; turn < 200; turn++) {
    const text = `warm up text number ${turn} with a handful of ordinary words`;
    embeddingsToJson([embed(text)], about);
  }
  return Number(process.hrtime.bigint() - beginNs) / 1e9;
}

async function embedAll(texts: readonly string[]): Promise<Float32Array[]> {
  const embeddings: Float32Array[] = [];
  let sliceBeginNs = process.hrtime.bigint();
  for (const text of texts) {
    if (process.hrtime.bigint() - sliceBeginNs > longestSliceNs) {
      await new Promise((resolve) => setImmediate(resolve));
      sliceBeginNs = process.hrtime.bigint();
    }
    embeddings.push(embed(text));
  }
  return embeddings;
}
