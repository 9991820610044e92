import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'milvus',
  recipe: 'milvus',
  options: { consistency: 'strong' },
  index: { kind: 'flat' },
  told: [
    {
      index: { kind: 'hnsw', m: 24, efConstruction: 77 },
      kept: { kind: 'hnsw', metric: 'l2', m: 24, efConstruction: 77 },
    },
    {
      index: { kind: 'ivf-pq', lists: 9, subvectors: 4, bits: 8 },
      kept: { kind: 'ivf-pq', metric: 'l2', lists: 9, subvectors: 4, bits: 8 },
    },
    { index: { kind: 'flat' }, kept: { kind: 'flat', metric: 'l2' } },
  ],
  contradicted: {
    index: { kind: 'hnsw', efConstruction: 200, body: { efConstruction: 100 } },
    words: 'the server keeps efConstruction 100, where 200 was asked for',
  },
  metrics: ['l2', 'cosine', 'ip'],
  // Milvus 2.3 keeps both.
  refusesDuplicates: false,
});
