import type { Importer } from './importer.ts';

interface ImportSource {
  /** Of the text that is read, in MiB. */
  readonly maxMebibytes: number;
  load(): Promise<Importer>;
}

const IMPORTERS = {
  curl: {
    maxMebibytes: 4,
    load: async () => (await import('./curl/import-curl.ts')).importCurl,
  },
  har: {
    maxMebibytes: 200,
    load: async () => (await import('./har/import-har.ts')).importHar,
  },
  openapi: {
    maxMebibytes: 10,
    load: async () => (await import('./openapi/import-openapi.ts')).importOpenApi,
  },
} as const satisfies Record<string, ImportSource>;

export type ImportFormat = keyof typeof IMPORTERS;

export const IMPORT_FORMATS: readonly ImportFormat[] = Object.keys(IMPORTERS) as ImportFormat[];

export function isImportFormat(name: string): name is ImportFormat {
  return Object.hasOwn(IMPORTERS, name);
}

export function importSource(format: ImportFormat): ImportSource {
  return IMPORTERS[format];
}
