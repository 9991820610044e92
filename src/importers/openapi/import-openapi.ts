import { composeDraft } from '../compose-draft.ts';
import { canSend } from '../compose-step.ts';
import type { Draft } from '../draft.ts';
import { ImportRefused } from '../import-refused.ts';
import { isChosenPath, type ImportInput } from '../importer.ts';
import { withoutMarks } from '../literal.ts';
import { Notes } from '../notes.ts';
import { Secrets } from '../secrets.ts';
import { operationRequests, type Operation } from './operation-requests.ts';
import { isMap, listOf, mapOf, readDocument, textOf, type JsonMap } from './read-document.ts';
import { References } from './references.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** A scenario with a step for each operation of an OpenAPI document 3.0 or 3.1. */
export function importOpenApi({ text, words, only }: ImportInput): Draft {
  const document = readDocument(withoutMarks(text));
  const notes = new Notes();
  const secrets = new Secrets();
  const references = new References(document, notes);
  const all = operationsOf(document, references, notes);
  const operations = all.filter(({ path }) => isChosenPath(path, only));
  if (operations.length === 0) throw new ImportRefused('it has no operation that can be sent');
  const server = serverOf(document, secrets);
  const context = { document, references, notes, words, secrets, server };
  const requests = operations.flatMap((operation) => operationRequests(operation, context));
  notes.add('Values are examples, or made up from schemas: put real ones where it matters.');
  if (operations.some(({ method }) => method === 'delete')) {
    notes.add('There are steps that delete: look at what they would delete.');
  }
  return composeDraft({
    source: `From ${titleOf(document)}`,
    requests,
    kindOf: ({ name }) => name!,
    standAlone: true,
    notes,
    secrets,
    words,
  });
}

function titleOf(document: JsonMap): string {
  const { title } = mapOf(document['info']);
  return typeof title === 'string' ? `the OpenAPI document “${title}”` : 'an OpenAPI document';
}

function operationsOf(document: JsonMap, references: References, notes: Notes): Operation[] {
  const taken = new Set<string>();
  return Object.entries(mapOf(document['paths'])).flatMap(([path, item]) => {
    const pathItem = references.follow(item);
    return METHODS.flatMap((method) => {
      const operation = pathItem[method];
      if (!isMap(operation)) return [];
      if (!canSend(method.toUpperCase())) {
        notes.add(`${method.toUpperCase()} ${path}: the method cannot be sent.`);
        return [];
      }
      const { operationId } = operation;
      const wish = typeof operationId === 'string' ? operationId : `${method}_${path}`;
      const name = taken.has(wish) ? `${method}_${path}` : wish;
      taken.add(name);
      return [{ name, method, path, operation, pathItem }];
    });
  });
}

/** The first server; where it is none of the web, the environment names it. */
function serverOf(document: JsonMap, secrets: Secrets): { url: URL; base?: string } {
  const server = mapOf(listOf(document['servers'])[0]);
  const written = typeof server['url'] === 'string' ? server['url'] : '/';
  const filled = written.replace(/\{([^{}]+)\}/g, (place, name: string) => {
    const { default: value } = mapOf(mapOf(server['variables'])[name]);
    return value === undefined ? place : textOf(value);
  });
  if (/^https?:\/\/[^{}]+$/i.test(filled) && URL.canParse(filled)) return { url: new URL(filled) };
  const path = /^\/[^{}]*$/.test(filled) ? filled : '/';
  const base = secrets.hide('api', 'URL', 'the address of the server, such as http://HOST:8000');
  return { url: new URL(path, 'http://reference.invalid'), base };
}
