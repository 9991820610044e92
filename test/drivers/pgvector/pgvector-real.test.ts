import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'pgvector',
  recipe: 'postgres-pgvector',
  index: { kind: 'flat' },
  told: [
    {
      index: { kind: 'hnsw', m: 24, efConstruction: 77 },
      kept: { kind: 'hnsw', metric: 'l2', m: 24, efConstruction: 77 },
    },
    { index: { kind: 'hnsw' }, kept: { kind: 'hnsw', metric: 'l2' } },
    {
      index: { kind: 'ivf-flat', lists: 9 },
      kept: {},
      whenReady: { kind: 'ivf-flat', metric: 'l2', lists: 9 },
    },
    { index: { kind: 'flat' }, kept: { kind: 'flat' } },
  ],
  contradicted: {
    index: { kind: 'hnsw', efConstruction: 200, body: { ef_construction: 100 } },
    words: 'the server keeps efConstruction 100, where 200 was asked for',
  },
  metrics: ['l2', 'cosine', 'ip'],
  refusesDuplicates: true,
});
