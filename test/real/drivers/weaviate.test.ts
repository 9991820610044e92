import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'weaviate',
  recipe: 'weaviate',
  index: { kind: 'flat' },
  told: [
    {
      index: { kind: 'hnsw', m: 24, efConstruction: 77, ef: 55 },
      kept: { kind: 'hnsw', metric: 'l2', m: 24, efConstruction: 77, ef: 55 },
    },
    { index: { kind: 'flat' }, kept: { kind: 'flat', metric: 'l2' } },
  ],
  contradicted: {
    index: { kind: 'hnsw', ef: 200, body: { ef: 100 } },
    words: 'the server keeps ef 100, where 200 was asked for',
  },
  metrics: ['l2', 'cosine', 'ip'],
  // A row that is there is written over.
  refusesDuplicates: false,
});
