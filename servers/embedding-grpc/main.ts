import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddingGrpc } from './server.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '50051' },
    proto: { type: 'string', default: join(import.meta.dirname, 'embed.proto') },
  },
});
const server = await startEmbeddingGrpc({
  host: values.host,
  port: Number(values.port),
  protoFile: values.proto,
});
console.log(`embedding-grpc listening on grpc://${values.host}:${server.port}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    process.exit(0);
  });
}
