import { readOptions } from './options.ts';
import { startReferenceOpenai } from './server.ts';

const server = await startReferenceOpenai(readOptions(process.argv.slice(2)));
console.log(`reference-openai listening on ${server.url}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    process.exit(0);
  });
}
