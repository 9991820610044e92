import { idOfText } from '../vocabulary/vectors/vector-ids.ts';
import type { Found } from '../vocabulary/vectors/vector-result.ts';

/** What Chroma answers to a query of one vector. */
export interface ChromaAnswer {
  readonly ids?: readonly (readonly string[])[];
  readonly distances?: readonly (readonly (number | null)[])[] | null;
  readonly metadatas?: readonly (readonly (Readonly<Record<string, unknown>> | null)[])[] | null;
}

/** Undefined where it is no answer to a query. */
export function foundOf(answer: ChromaAnswer | undefined): Found | undefined {
  const ids = answer?.ids?.[0];
  if (ids === undefined) return undefined;
  const metadatas = answer!.metadatas?.[0];
  return {
    ids: ids.map(idOfText),
    distances: (answer!.distances?.[0] ?? []).map(Number),
    fields: metadatas?.map((fields) => fields ?? {}),
  };
}
