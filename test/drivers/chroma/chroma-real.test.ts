import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'chroma',
  recipe: 'chroma',
  index: { m: 32, efConstruction: 400, ef: 400 },
  told: [
    {
      index: { m: 24, efConstruction: 77, ef: 55 },
      kept: { kind: 'hnsw', metric: 'l2', m: 24, efConstruction: 77, ef: 55 },
    },
  ],
  contradicted: {
    index: { ef: 200, body: { ef_search: 100 } },
    words: 'the server keeps ef 100, where 200 was asked for',
  },
  metrics: ['l2', 'cosine', 'ip'],
  // It says nothing, and keeps the row that it has.
  refusesDuplicates: false,
});
