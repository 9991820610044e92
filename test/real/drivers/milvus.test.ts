import { testVectorDatabase } from '../../support/vector-database-suite.ts';

testVectorDatabase({
  driver: 'milvus',
  recipe: 'milvus',
  options: { consistency: 'strong' },
  index: { kind: 'flat' },
  metrics: ['l2', 'cosine', 'ip'],
  // Milvus 2.3 keeps both.
  refusesDuplicates: false,
});
