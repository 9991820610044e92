import type { Engine } from './engine.ts';
import { openHashedEngine } from './hashed-engine.ts';
import { startEmbeddingServer } from './server.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings.ts';

function settingsOrExit(): Settings {
  try {
    return readSettings(process.argv.slice(2), process.env);
  } catch (error) {
    console.error(`embedding-node: ${(error as Error).message}`);
    process.exit(2);
  }
}

async function engineOrExit(): Promise<Engine> {
  if (settings.engine === 'hashed') return openHashedEngine();
  const { openOnnxEngine } = await import('./onnx/onnx-engine.ts');
  try {
    return await openOnnxEngine(settings);
  } catch (error) {
    console.error(`embedding-node: ${(error as Error).message}`);
    process.exit(1);
  }
}

const settings = settingsOrExit();
const engine = await engineOrExit();
try {
  const server = await startEmbeddingServer(settings, engine);
  console.log(`embedding-node listening on ${server.url}`);
  let closing = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // A second signal while requests are being finished means: now.
      if (closing) process.exit(1);
      closing = true;
      void server.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error(
    `embedding-node: cannot listen on ${settings.host}:${settings.port}: ${(error as Error).message}`,
  );
  process.exit(1);
}
