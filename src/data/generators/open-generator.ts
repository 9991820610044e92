import { resolve } from 'node:path';
import type { RowSlice, RowSource } from '../row-source.ts';
import { lastingPositions, type GeneratorContext } from './drawn.ts';
import { referencesOf, type GeneratorSource } from './generator-schema.ts';
import { openPromptRows } from './prompt-rows.ts';
import { openTextRows } from './text-rows.ts';
import { openTokenIdRows } from './token-id-rows.ts';
import { openValueRows } from './value-rows.ts';
import { openVectorRows } from './vector-rows.ts';

/** Opens what `generate` names. Throws DATA_NOT_READABLE and DATA_NOT_USABLE. */
export async function openGenerator(
  source: GeneratorSource,
  { slice, baseFolder }: { readonly slice: RowSlice; readonly baseFolder: string },
  context: GeneratorContext,
): Promise<RowSource> {
  const rows = await openRows(source, { slice, baseFolder }, context);
  const references = referencesOf(source);
  if (references.length === 0) return rows;
  return { ...rows, lasts: await lastingPositions(references, context) };
}

function openRows(
  source: GeneratorSource,
  { slice, baseFolder }: { readonly slice: RowSlice; readonly baseFolder: string },
  context: GeneratorContext,
): Promise<RowSource> | RowSource {
  switch (source.kind) {
    case 'text':
      return openTextRows(
        { ...source, tokenizer: tokenizerPath(source, baseFolder), slice },
        context,
      );
    case 'values':
      return openValueRows({ fields: source.fields, slice }, context);
    case 'tokenIds':
      return openTokenIdRows({ ...source, slice }, context);
    case 'prompts': {
      const { outputTokens, prefix } = source;
      const tokenizer = tokenizerPath(source, baseFolder);
      return openPromptRows({ ...source, outputTokens, prefix, tokenizer, slice }, context);
    }
    case 'vectors':
      return openVectorRows({ ...source, slice }, context);
  }
}

function tokenizerPath(
  { tokenizer }: { readonly tokenizer?: string },
  baseFolder: string,
): string | undefined {
  return tokenizer === undefined ? undefined : resolve(baseFolder, tokenizer);
}
