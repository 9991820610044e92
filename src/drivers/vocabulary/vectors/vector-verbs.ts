import type { VerbDefinition } from '../../driver.ts';
import {
  createSchema,
  deleteSchema,
  dropSchema,
  readySchema,
  searchSchema,
  writeSchema,
  type VectorAbilities,
} from './vector-schemas.ts';

const COUNT = { count: 'Rows that the request held.' };

/** The verbs that all vector databases have; what differs is which indexes and settings they know. */
export function vectorVerbs(
  abilities: VectorAbilities,
): Readonly<Record<string, VerbDefinition>> {
  return {
    create: {
      summary: 'Makes a collection with its index; one of that name must not exist.',
      schema: createSchema(abilities),
      resultFields: {},
      statusFields: [],
    },
    ingest: {
      summary: 'Adds rows; counted as `items`.',
      schema: writeSchema,
      resultFields: COUNT,
      items: 'count',
      statusFields: [],
    },
    update: {
      summary: 'Replaces rows that are there, by their ids.',
      schema: writeSchema,
      resultFields: COUNT,
      items: 'count',
      statusFields: [],
    },
    ready: {
      summary: 'Waits until what was ingested can be used; feeds `ready_time{state}`.',
      schema: readySchema,
      resultFields: { rows: 'Rows that the server counts.' },
      statusFields: [],
    },
    search: {
      summary: 'Finds the nearest rows to a vector.',
      schema: searchSchema(abilities),
      resultFields: {
        ids: 'Ids of the nearest rows, the nearest first; numbers where they were ingested as such.',
        distances: 'What the server says of how far they are, in the same order.',
        hits: 'Both, and the fields asked for: `{ id, distance, ... }`.',
      },
      statusFields: [],
    },
    delete: {
      summary: 'Deletes rows, by ids or by a filter.',
      schema: deleteSchema,
      resultFields: {},
      statusFields: [],
    },
    drop: {
      summary: 'Deletes a collection; one that does not exist is no failure.',
      schema: dropSchema,
      resultFields: {},
      statusFields: [],
    },
  };
}
