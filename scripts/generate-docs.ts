/**
 * Writes the pages that say what the code says: `npm run generate`. With `--check` it writes
 * nothing and ends with 1 when a page is not what it should be.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { DRIVER_NAMES, loadDriver } from '../src/drivers/registry.ts';
import { REPORT_FORMATS } from '../src/reports/registry.ts';
import { resultJsonSchemas } from '../src/results/schema/documents.ts';
import { dialectsPage } from './docs/dialects-page.ts';
import { errorsPage } from './docs/errors-page.ts';
import { scenarioJsonSchema } from './docs/scenario-json-schema.ts';
import { scenarioPage } from './docs/scenario-page.ts';

const root = join(import.meta.dirname, '..');
const parts = {
  drivers: await Promise.all(DRIVER_NAMES.map(loadDriver)),
  reportFormats: REPORT_FORMATS,
};

const pages: Readonly<Record<string, string>> = {
  'docs/dialects.md': await markdown(dialectsPage(parts.drivers)),
  'docs/errors.md': await markdown(errorsPage()),
  'docs/scenario.md': await markdown(
    scenarioPage({ ...parts, example: readFileSync(join(root, 'scenarios/smoke.yaml'), 'utf8') }),
  ),
  ...Object.fromEntries(
    Object.entries(resultJsonSchemas()).map(([file, schema]) => [
      `docs/schemas/${file}`,
      `${JSON.stringify(schema, undefined, 2)}\n`,
    ]),
  ),
  'docs/scenario.schema.json': `${JSON.stringify(scenarioJsonSchema(parts), null, 2)}\n`,
};

const stale = Object.entries(pages).filter(([file, text]) => textOf(file) !== text);
if (!process.argv.includes('--check')) {
  for (const [file, text] of stale) writeFileSync(join(root, file), text);
  console.log(
    stale.length === 0 ? 'all fresh' : `written: ${stale.map(([file]) => file).join(', ')}`,
  );
} else if (stale.length > 0) {
  console.log(`stale: ${stale.map(([file]) => file).join(', ')}; run \`npm run generate\``);
  process.exitCode = 1;
}

function textOf(file: string): string | undefined {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

async function markdown(text: string): Promise<string> {
  const options = await resolveConfig(join(root, 'docs/page.md'));
  return format(text, { ...options, parser: 'markdown' });
}
