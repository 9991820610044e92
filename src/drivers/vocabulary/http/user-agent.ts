import { createRequire } from 'node:module';

/** The package by its own name: the sources and the compiled files stand at different depths. */
const { version } = createRequire(import.meta.url)('loadgen/package.json') as { version: string };

export const USER_AGENT = `loadgen/${version}`;
