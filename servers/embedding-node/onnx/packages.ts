import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const PACKAGES = join(import.meta.dirname, 'packages.txt');

/** Where install.sh puts things: the same folder as its `$cache`. */
export const cacheFolder: string =
  process.env['LOADGEN_CACHE'] || join(homedir(), '.cache', 'loadgen');

/**
 * A package that is no dependency of the project: from its own node_modules where somebody has put
 * it there, else from where install.sh puts it. Throws an Error that names the remedy.
 */
export function loadOptional(name: string): unknown {
  const digest = createHash('sha256').update(readFileSync(PACKAGES)).digest('hex').slice(0, 12);
  const installed = join(cacheFolder, `embedding-node-onnx-${digest}`, 'package.json');
  for (const place of [import.meta.filename, installed]) {
    const require = createRequire(place);
    try {
      return require(name);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'MODULE_NOT_FOUND') throw new Error(`${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `${name} is not installed: run bash servers/embedding-node/onnx/install.sh, ` +
      'or npm install --ignore-scripts onnxruntime-node @huggingface/tokenizers',
  );
}
