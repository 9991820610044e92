import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'faiss',
  recipe: 'faiss',
  index: { kind: 'flat' },
  told: [
    { index: { kind: 'flat' }, kept: { kind: 'flat', metric: 'l2' } },
    {
      index: { kind: 'hnsw', m: 24, efConstruction: 77, ef: 55 },
      kept: { kind: 'hnsw', metric: 'l2', m: 24, efConstruction: 77, ef: 55 },
    },
    {
      index: { kind: 'ivf-sq8', lists: 9 },
      kept: { kind: 'ivf-sq8', metric: 'l2', lists: 9, nprobe: 8 },
    },
    {
      index: { kind: 'ivf-pq', lists: 9, nprobe: 3, subvectors: 4, bits: 6 },
      kept: { kind: 'ivf-pq', metric: 'l2', lists: 9, nprobe: 3, subvectors: 4, bits: 6 },
    },
    {
      index: { kind: 'pq', subvectors: 4 },
      kept: { kind: 'pq', metric: 'l2', subvectors: 4, bits: 8 },
    },
  ],
  contradicted: {
    index: { kind: 'hnsw', ef: 200, body: { ef: 100 } },
    words: 'the server keeps ef 100, where 200 was asked for',
  },
  metrics: ['l2', 'cosine', 'ip'],
  refusesDuplicates: true,
});
