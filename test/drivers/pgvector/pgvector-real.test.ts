import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'pgvector',
  recipe: 'postgres-pgvector',
  index: { kind: 'flat' },
  metrics: ['l2', 'cosine', 'ip'],
  refusesDuplicates: true,
});
