import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'chroma',
  recipe: 'chroma',
  index: { m: 32, efConstruction: 400, ef: 400 },
  metrics: ['l2', 'cosine', 'ip'],
  // It says nothing, and keeps the row that it has.
  refusesDuplicates: false,
});
