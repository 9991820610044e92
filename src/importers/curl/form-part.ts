import { basename } from 'node:path';
import { ImportRefused } from '../import-refused.ts';
import type { TextPart } from '../multipart-text.ts';
import type { CurlOption } from './curl-options.ts';

export interface PartFiles {
  /** The text of a file; undefined where it was left out, which has been said then. */
  read(option: CurlOption, path: string): string | undefined;
  say(option: CurlOption, why: string): void;
}

/** `name=content`, `name=@file`, `name=<file`, each with `;type=` and `;filename=` behind it. */
export function formPart(option: CurlOption, files: PartFiles): TextPart | undefined {
  const [, name, value] = /^([^=]+)=([^]*)$/.exec(option.value) ?? [];
  if (name === undefined) throw new ImportRefused(`${option.written} has no name before a =`);
  if (option.name === 'form-string') return { name, content: value! };
  const sign = /^[@<]/.exec(value!)?.[0] ?? '';
  const { content, attributes } = splitAttributes(value!.slice(sign.length));
  const text = sign === '' ? content : files.read(option, content);
  if (text === undefined) return undefined;
  for (const key of attributes.keys()) {
    if (key !== 'type' && key !== 'filename') files.say(option, `;${key} is left out`);
  }
  const fileName = attributes.get('filename') ?? (sign === '@' ? basename(content) : undefined);
  const type = attributes.get('type') ?? (fileName === undefined ? undefined : typeOf(fileName));
  return {
    name,
    content: text,
    ...(fileName !== undefined && { fileName }),
    ...(type !== undefined && { type }),
  };
}

/** The content ends at the first `;` unless it is in quotes. A type may hold parameters. */
function splitAttributes(text: string): { content: string; attributes: Map<string, string> } {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(text);
  const bare = /^[^;]*/.exec(text)![0];
  const content = quoted ? quoted[1]!.replace(/\\(["\\])/g, '$1') : bare;
  const behind = text.slice(quoted ? quoted[0].length : bare.length);
  const attributes = [...behind.matchAll(ATTRIBUTE)].map(([, type, key, inQuotes, plain]) => {
    return type === undefined
      ? ([key!.trim(), inQuotes ?? plain ?? ''] as const)
      : (['type', type.trim()] as const);
  });
  return { content, attributes: new Map(attributes) };
}

const ATTRIBUTE =
  /;\s*(?:type=((?:(?!;\s*(?:type|filename|headers|encoder)=)[^])*)|([^=;]*)(?:=(?:"([^"]*)"|([^;]*)))?)/g;

/** What curl knows of file names; the rest is bytes. */
const TYPES: Readonly<Record<string, string>> = {
  gif: 'image/gif',
  html: 'text/html',
  htm: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  xml: 'application/xml',
};

function typeOf(path: string): string {
  const extension = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return TYPES[extension] ?? 'application/octet-stream';
}
