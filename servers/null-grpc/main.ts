import { parseArgs } from 'node:util';
import { startNullGrpc } from './server.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8096' },
  },
});
const server = await startNullGrpc({ host: values.host, port: Number(values.port) });
console.log(`null-grpc listening on ${server.url}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void server.close());
}
