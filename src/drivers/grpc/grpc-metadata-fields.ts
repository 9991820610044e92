import type { Scope, Template } from '../../base/expressions/template.ts';
import type { VerbUse } from '../driver.ts';
import { metadataValue } from '../wire/grpc/grpc-metadata.ts';
import { literalName, literalString } from '../wire/http2/hpack/header-literal.ts';
import type { HeaderField } from '../wire/http2/hpack/static-table.ts';

/** Metadata of a step: what is the same in each call, and what is not. */
export interface MetadataTemplate {
  readonly constant: readonly HeaderField[];
  /** As literals of a header block. */
  literals(scope: Scope): string;
  /** By name. */
  changing(scope: Scope): readonly HeaderField[];
}

/** Metadata without templates. */
export function constantMetadata(metadata: Readonly<Record<string, string>>): HeaderField[] {
  return Object.entries(metadata).map(([name, value]) => ({
    name,
    value: metadataValue(name, value),
  }));
}

export function metadataTemplate(
  use: VerbUse,
  metadata: Readonly<Record<string, string>>,
): MetadataTemplate {
  const constant: HeaderField[] = [];
  const changing: { readonly name: string; readonly head: string; readonly value: Template }[] = [];
  for (const [name, text] of Object.entries(metadata)) {
    const value = use.template(text, 'header');
    if (value.constant === undefined) changing.push({ name, head: literalName(name), value });
    else constant.push({ name, value: metadataValue(name, value.constant) });
  }
  if (changing.length === 0) return { constant, literals: () => '', changing: () => [] };
  return {
    constant,
    literals: (scope) =>
      changing
        .map(
          ({ name, head, value }) => head + literalString(metadataValue(name, value.render(scope))),
        )
        .join(''),
    changing: (scope) =>
      changing.map(({ name, value }) => ({
        name,
        value: metadataValue(name, value.render(scope)),
      })),
  };
}
