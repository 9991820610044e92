import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'faiss',
  recipe: 'faiss',
  index: { kind: 'flat' },
  metrics: ['l2', 'cosine', 'ip'],
  refusesDuplicates: true,
});
