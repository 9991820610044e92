import { parseArgs } from 'node:util';
import { startNullPostgres } from './server.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8096' },
  },
});
const server = await startNullPostgres({ host: values.host, port: Number(values.port) });
console.log(`null-postgres listening on ${values.host}:${server.port}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void server.close());
}
