import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version in package.json, which stands two folders above the sources and three above dist. */
export function loadgenVersion(): string {
  const places = ['../../package.json', '../../../package.json'];
  const files = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const file = files.find(existsSync);
  if (file === undefined) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
