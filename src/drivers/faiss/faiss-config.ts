import { z } from 'zod';
import type { VectorAbilities } from '../vocabulary/vectors/vector-schemas.ts';

/** A faiss target has no keys beside those that every target has. */
export const faissTargetOptions = z.strictObject({});

export const FAISS_ABILITIES: VectorAbilities = {
  indexKinds: ['flat', 'hnsw', 'ivf-flat', 'ivf-sq8', 'ivf-pq', 'pq'],
  metrics: ['l2', 'cosine', 'ip'],
  searchKeys: ['ef', 'nprobe'],
};
