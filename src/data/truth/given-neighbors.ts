import { resolve } from 'node:path';
import type { NeighborTables } from '../tables/binary-tables.ts';
import { distancesFile, neighborsFile, type VectorTables } from '../tables/open-tables.ts';
import type { TruthSpec } from './truth-schema.ts';

/** The ground truth inside a data set, or in files. Throws DATASET_NOT_READABLE and DATASET_NOT_USABLE. */
export async function givenNeighbors(
  { ids, distances }: Extract<TruthSpec, { readonly kind: 'given' }>,
  tables: VectorTables | undefined,
  { baseFolder, cacheFolder }: { readonly baseFolder: string; readonly cacheFolder: string },
): Promise<NeighborTables> {
  const own = await tables?.neighbors(ids, distances);
  if (own !== undefined) return own;
  const file = await neighborsFile(resolve(baseFolder, ids), cacheFolder);
  if (distances === undefined) return { ids: file.ids };
  return { ids: file.ids, distances: distancesOf(file, ids, distances, baseFolder) };
}

/** The same file may hold both. */
function distancesOf(file: NeighborTables, ids: string, distances: string, baseFolder: string) {
  if (distances === ids && file.distances !== undefined) return file.distances;
  return distancesFile(resolve(baseFolder, distances));
}
