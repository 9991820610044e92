import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'weaviate',
  recipe: 'weaviate',
  index: { kind: 'flat' },
  metrics: ['l2', 'cosine', 'ip'],
  // A row that is there is written over.
  refusesDuplicates: false,
});
