import { z } from 'zod';
import { hasPlaceholder } from '../../../base/expressions/placeholders.ts';
import type { FileUse } from '../../driver.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const onOneLine = (words: string): z.ZodString => z.string().regex(/^[^\r\n]*$/, words);

const partSchema = z
  .strictObject({
    name: onOneLine('a name on one line').min(1).meta({ description: 'Name of the field.' }),
    text: scalar.optional().meta({ description: 'The value as text.' }),
    json: z.json().optional().meta({ description: 'The value as JSON.' }),
    file: z.string().optional().meta({ description: 'A file, relative to the scenario.' }),
    filename: onOneLine('a name on one line')
      .optional()
      .meta({ description: 'The name that the server is told; by default that of the file.' }),
    type: onOneLine('a type on one line').optional().meta({
      description: 'Its content-type; by default application/octet-stream for files.',
    }),
  })
  .refine(({ text, json, file }) => definedCount([text, json, file]) === 1, {
    message: 'one of text, json and file',
  });

/** The keys of `request` that make its body; one of them at most. */
export const httpBodyKeys = {
  json: z
    .json()
    .optional()
    .meta({ description: 'The body as JSON, with content-type application/json.' }),
  text: z
    .string()
    .optional()
    .meta({ description: 'The body as UTF-8 text, with content-type text/plain.' }),
  form: z.record(z.string(), scalar).optional().meta({
    description:
      'The body as a form, URL-encoded; with content-type application/x-www-form-urlencoded.',
  }),
  multipart: z.array(partSchema).min(1).optional().meta({
    description: 'The body in parts, in this order; with content-type multipart/form-data.',
  }),
  file: z.string().optional().meta({
    description:
      'The body is this file, relative to the scenario; with content-type application/octet-stream.',
  }),
};

const bodySchema = z.strictObject(httpBodyKeys);
export type HttpBodySpec = z.output<typeof bodySchema>;
export type HttpBodyPartSpec = z.output<typeof partSchema>;

const BODY_KEYS = Object.keys(httpBodyKeys) as readonly (keyof HttpBodySpec)[];

/** The keys that are given, in the order of the reference. */
export function bodyKeysOf(spec: HttpBodySpec): readonly (keyof HttpBodySpec)[] {
  return BODY_KEYS.filter((key) => spec[key] !== undefined);
}

/** The files of a body that are named outright. */
export function bodyFileUses({ file, multipart = [] }: HttpBodySpec): FileUse[] {
  const parts = multipart.map((part, index) => ({
    path: ['multipart', index, 'file'],
    file: part.file,
  }));
  return [{ path: ['file'], file }, ...parts].flatMap(({ path, file: name }) =>
    name === undefined || hasPlaceholder(name) ? [] : [{ path, file: name }],
  );
}

function definedCount(values: readonly unknown[]): number {
  return values.filter((value) => value !== undefined).length;
}
