import { basename } from 'node:path';
import { TemplateBuilder } from '../../../base/expressions/template-builder.ts';
import type { Template } from '../../../base/expressions/template.ts';
import type { VerbUse } from '../../driver.ts';
import type { HttpBodyPartSpec, HttpBodySpec } from './http-body-schema.ts';

/** A whole file in a body; its path may change from row to row. */
export interface BodyFileTemplate {
  readonly path: Template;
}

/** Texts and files, one after another; neighbouring texts are one. */
export interface HttpBody {
  readonly contentType: string;
  readonly pieces: readonly (Template | BodyFileTemplate)[];
}

/** RFC 2046 section 5.1.1; long enough to stand in no content by chance. */
export const BOUNDARY = 'loadgen-5f3c9a1e7b2d4860-d18e4f06c2a97b35';

/** The body that a request spec asks for. */
export function bodyOf(use: VerbUse, spec: HttpBodySpec): HttpBody | undefined {
  const { json, text, form, multipart, file } = spec;
  if (json !== undefined) return whole('application/json', use.json(json));
  if (text !== undefined) return whole('text/plain; charset=utf-8', use.template(text, 'text'));
  if (form !== undefined) {
    return whole('application/x-www-form-urlencoded', formTemplate(use, form));
  }
  if (multipart !== undefined) {
    const contentType = `multipart/form-data; boundary=${BOUNDARY}`;
    return { contentType, pieces: multipartPieces(use, multipart) };
  }
  if (file === undefined) return undefined;
  const contentType = 'application/octet-stream';
  return { contentType, pieces: [{ path: use.template(file, 'text') }] };
}

export function isFile(piece: Template | BodyFileTemplate): piece is BodyFileTemplate {
  return 'path' in piece;
}

/** Adds a template to another; its static parts are sent as `encodeStatic` writes them. */
export function addTemplate(
  builder: TemplateBuilder,
  template: Template,
  encodeStatic: (text: string) => string = (text) => text,
): void {
  template.statics.forEach((text, index) => {
    builder.addStatic(encodeStatic(text));
    const dynamic = template.dynamics[index];
    if (dynamic !== undefined) builder.addDynamic(dynamic, template.reads);
  });
}

function whole(contentType: string, template: Template): HttpBody {
  return { contentType, pieces: [template] };
}

/** Values are escaped as in a query (URL standard, application/x-www-form-urlencoded). */
function formTemplate(use: VerbUse, form: NonNullable<HttpBodySpec['form']>): Template {
  const builder = new TemplateBuilder();
  Object.entries(form).forEach(([name, value], index) => {
    builder.addStatic(`${index === 0 ? '' : '&'}${encodeURIComponent(name)}=`);
    addTemplate(builder, use.template(String(value), 'url-query'), encodeURIComponent);
  });
  return builder.build();
}

/** RFC 7578. */
function multipartPieces(
  use: VerbUse,
  parts: readonly HttpBodyPartSpec[],
): (Template | BodyFileTemplate)[] {
  const pieces: (Template | BodyFileTemplate)[] = [];
  let builder = new TemplateBuilder();
  for (const part of parts) {
    builder.addStatic(`--${BOUNDARY}\r\n`);
    if (part.file === undefined) {
      addPartHead(builder, use, part, undefined);
      addTemplate(builder, partContent(use, part));
    } else {
      const path = use.template(part.file, 'text');
      addPartHead(builder, use, part, path);
      pieces.push(builder.build(), { path });
      builder = new TemplateBuilder();
    }
    builder.addStatic('\r\n');
  }
  builder.addStatic(`--${BOUNDARY}--\r\n`);
  return [...pieces, builder.build()];
}

function addPartHead(
  builder: TemplateBuilder,
  use: VerbUse,
  part: HttpBodyPartSpec,
  path: Template | undefined,
): void {
  builder.addStatic(`Content-Disposition: form-data; name="${quoted(part.name)}"`);
  const filename = part.filename === undefined ? path : use.template(part.filename, 'text');
  if (filename !== undefined) {
    const shown = part.filename === undefined ? (text: string) => basename(text) : String;
    builder.addStatic('; filename="');
    if (filename.constant !== undefined) builder.addStatic(quoted(shown(filename.constant)));
    else builder.addDynamic((scope) => quoted(shown(filename.render(scope))), filename.reads);
    builder.addStatic('"');
  }
  const type = part.type ?? defaultType(part);
  if (type !== undefined) builder.addStatic(`\r\nContent-Type: ${type}`);
  builder.addStatic('\r\n\r\n');
}

function defaultType({ json, file }: HttpBodyPartSpec): string | undefined {
  if (file !== undefined) return 'application/octet-stream';
  return json === undefined ? undefined : 'application/json';
}

function partContent(use: VerbUse, { json, text }: HttpBodyPartSpec): Template {
  return json === undefined ? use.template(String(text), 'text') : use.json(json);
}

/** As browsers write names between quotes (HTML standard, multipart/form-data). */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
