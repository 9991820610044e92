import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';
import type { CollectionUse, VerbDefinition } from '../../driver.ts';
import {
  createSchema,
  deleteSchema,
  dropSchema,
  readySchema,
  searchSchema,
  writeSchema,
  type CreateSpec,
  type DeleteSpec,
  type SearchSpec,
  type VectorAbilities,
  type WriteSpec,
} from './vector-schemas.ts';

const COUNT = { count: 'Rows that the request held.' };

/**
 * The verbs that all vector databases have; what differs is which indexes and settings they know,
 * and `wire`, the phases of the measured path.
 */
export function vectorVerbs(
  abilities: VectorAbilities,
  wire: readonly MetricDeclaration[],
): Readonly<Record<string, VerbDefinition>> {
  const phases = wire.map(({ name }) => name);
  const measured = { statusFields: [], feeds: () => phases };
  const setUp = { statusFields: [], feeds: () => [] };
  return {
    create: {
      summary:
        'Makes a collection with its index, and fails where the server says that it keeps other settings than were asked for; one of that name must not exist.',
      schema: createSchema(abilities),
      resultFields: {
        kept: 'What the server says of it, in the words of `metric` and `index`: `kept.ef`; what it does not tell is missing.',
      },
      collectionUse: (spec) => makes(spec as CreateSpec),
      ...setUp,
    },
    ingest: {
      summary: 'Adds rows; counted as `items`.',
      schema: writeSchema,
      resultFields: COUNT,
      items: 'count',
      collectionUse: (spec) => writes('adds', spec as WriteSpec),
      ...measured,
    },
    update: {
      summary: 'Replaces rows that are there, by their ids.',
      schema: writeSchema,
      resultFields: COUNT,
      items: 'count',
      collectionUse: (spec) => writes('replaces', spec as WriteSpec),
      ...measured,
    },
    ready: {
      summary: 'Waits until what was ingested can be used; feeds `ready_time{state}`.',
      schema: readySchema,
      resultFields: { rows: 'Rows that the server counts.' },
      statusFields: [],
      feeds: () => ['ready_time'],
    },
    search: {
      summary: 'Finds the nearest rows to a vector.',
      schema: searchSchema(abilities),
      resultFields: {
        ids: 'Ids of the nearest rows, the nearest first; numbers where they were ingested as such.',
        distances: 'What the server says of how far they are, in the same order.',
        hits: 'Both, and the fields asked for: `{ id, distance, ... }`.',
      },
      collectionUse: (spec) => searches(spec as SearchSpec),
      ...measured,
    },
    delete: {
      summary: 'Deletes rows, by ids or by a filter.',
      schema: deleteSchema,
      resultFields: {},
      collectionUse: (spec) => writes('deletes', spec as DeleteSpec),
      ...measured,
    },
    drop: {
      summary: 'Deletes a collection; one that does not exist is no failure.',
      schema: dropSchema,
      resultFields: {},
      ...setUp,
    },
  };
}

/** A flat index with nothing more to it compares with every row; `body` may ask for less than that. */
function makes({ collection, index }: CreateSpec): CollectionUse {
  const { kind, ef, nprobe, body } = index;
  const isExact = kind === 'flat' && body === undefined;
  return { collection, does: 'makes', isExact, effort: { ef, nprobe } };
}

function searches({ collection, ef, nprobe }: SearchSpec): CollectionUse {
  return { collection, does: 'searches', effort: { ef, nprobe } };
}

function writes(
  does: 'adds' | 'replaces' | 'deletes',
  { collection, ids }: Pick<WriteSpec | DeleteSpec, 'collection' | 'ids'>,
): CollectionUse {
  return { collection, does, ids };
}
