import type { Header } from '../captured-request.ts';
import type { Secrets } from '../secrets.ts';
import type { References } from './references.ts';
import { listOf, mapOf, textOf, type JsonMap } from './read-document.ts';

export interface Credentials {
  readonly headers: readonly Header[];
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly cookies: readonly (readonly [name: string, value: string])[];
}

/** What an operation shows to be let in, all of it out of the environment. */
export function credentialsOf(
  operation: JsonMap,
  document: JsonMap,
  use: { readonly references: References; readonly secrets: Secrets },
): Credentials {
  const alternatives = listOf(operation['security'] ?? document['security']);
  // An empty one means: without any.
  const chosen = mapOf(alternatives.some(isEmpty) ? {} : alternatives[0]);
  const schemes = mapOf(mapOf(document['components'])['securitySchemes']);
  const headers: Header[] = [];
  const query: [string, string][] = [];
  const cookies: [string, string][] = [];
  for (const key of Object.keys(chosen)) {
    const scheme = use.references.follow(schemes[key]);
    const name = typeof scheme['name'] === 'string' ? scheme['name'] : key;
    const hide = (wish: string, meaning: string) => use.secrets.hide('api', wish, meaning);
    const meaning = `the secret of the security scheme ${key}`;
    if (scheme['type'] === 'apiKey') {
      const value = hide(name, meaning);
      if (scheme['in'] === 'query') query.push([name, value]);
      else if (scheme['in'] === 'cookie') cookies.push([name, value]);
      else headers.push({ name, value });
    } else if (textOf(scheme['scheme']).toLowerCase() === 'basic') {
      headers.push({ name: 'Authorization', value: use.secrets.basic('api', key) });
    } else if (scheme['type'] !== 'mutualTLS') {
      headers.push({ name: 'Authorization', value: `Bearer ${hide('TOKEN', meaning)}` });
    }
  }
  return { headers, query, cookies };
}

function isEmpty(alternative: unknown): boolean {
  return Object.keys(mapOf(alternative)).length === 0;
}
