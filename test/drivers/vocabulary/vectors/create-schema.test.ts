import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createSchema,
  INDEX_KINDS,
} from '../../../../src/drivers/vocabulary/vectors/vector-schemas.ts';

const schema = createSchema({ indexKinds: INDEX_KINDS, metrics: ['l2'], searchKeys: [] });
const ALL = { m: 16, efConstruction: 100, ef: 64, lists: 9, nprobe: 3, subvectors: 4, bits: 8 };

function problemsOf(index: object): readonly string[] {
  const { error } = schema.safeParse({ collection: 'bench', dimension: 4, index });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('an index takes the settings of its kind, and those of another kind are a problem each', () => {
  const known: Readonly<Record<string, readonly (keyof typeof ALL)[]>> = {
    flat: [],
    hnsw: ['m', 'efConstruction', 'ef'],
    'ivf-flat': ['lists', 'nprobe'],
    'ivf-sq8': ['lists', 'nprobe'],
    'ivf-pq': ['lists', 'nprobe', 'subvectors', 'bits'],
    pq: ['subvectors', 'bits'],
    diskann: [],
  };
  for (const kind of INDEX_KINDS) {
    const own = known[kind]!;
    const settings = Object.fromEntries(own.map((name) => [name, ALL[name]]));
    assert.deepEqual(problemsOf({ kind, ...settings, body: { any: 'thing' } }), []);
    const has = own.length === 0 ? 'none' : own.join(', ');
    assert.deepEqual(
      problemsOf({ kind, ...ALL }),
      Object.keys(ALL)
        .filter((name) => !own.includes(name as keyof typeof ALL))
        .map((name) => `index.${name}: not a setting of kind ${kind}, which has ${has}`),
    );
  }
});
