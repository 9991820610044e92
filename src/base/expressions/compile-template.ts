import { ESCAPERS, headerText } from './escaping.ts';
import { compileExpression, type Expression } from './expression.ts';
import { ExpressionError } from './expression-error.ts';
import { solePlaceholder, splitPlaceholders, type Placeholder } from './placeholders.ts';
import type { Shape } from './roots.ts';
import type { Scope, Template, TemplateContext } from './template.ts';
import { TemplateBuilder } from './template-builder.ts';
import { jsonText } from './value-text.ts';

/** What templates are compiled against. */
export interface TemplateEnvironment {
  /** What may be read; `any` accepts every name. */
  readonly roots: Shape;
  /** Roots whose values never change, such as `params`: what reads only these is computed now. */
  readonly constants?: Scope;
}

/** Compiles a text whose values are escaped for `context`. Throws an ExpressionError. */
export function compileTemplate(
  text: string,
  context: TemplateContext,
  environment: TemplateEnvironment,
): Template {
  const builder = new TemplateBuilder();
  addText(builder, text, { context, environment });
  return builder.build();
}

/**
 * Compiles any JSON value with templates inside to the text of that JSON. A text that is one
 * `{{ }}` and nothing else becomes its value, of whatever type. Throws an ExpressionError.
 */
export function compileJsonTemplate(value: unknown, environment: TemplateEnvironment): Template {
  const builder = new TemplateBuilder();
  addJson(builder, value, environment);
  return builder.build();
}

/**
 * Compiles a text to a function that keeps the type of its value when it is one `{{ }}` and
 * nothing else, and gives a text otherwise. Throws an ExpressionError.
 */
export function compileValue(
  text: string,
  environment: TemplateEnvironment,
): ((scope: Scope) => unknown) & { readonly reads: ReadonlySet<string> } {
  const sole = solePlaceholder(splitPlaceholders(text));
  if (!sole) {
    const template = compileTemplate(text, 'text', environment);
    return Object.assign((scope: Scope) => template.render(scope), { reads: template.reads });
  }
  const { expression, render } = compilePlaceholder(text, sole, {
    environment,
    write: (value) => value,
  });
  return Object.assign(render, { reads: expression.reads });
}

interface TextPlace {
  readonly context: TemplateContext;
  readonly environment: TemplateEnvironment;
}

function addText(builder: TemplateBuilder, text: string, { context, environment }: TextPlace) {
  const { statics, placeholders } = splitPlaceholders(text);
  statics.forEach((part, index) => {
    builder.addStatic(escapedStatic(part, text, context));
    const placeholder = placeholders[index];
    if (placeholder) addPlaceholder(builder, text, placeholder, ESCAPERS[context], environment);
  });
}

/** What the scenario says itself stands as it is, but in JSON, where it is text like any other. */
function escapedStatic(part: string, text: string, context: TemplateContext): string {
  if (context === 'json-string') return ESCAPERS[context](part);
  if (context !== 'header') return part;
  try {
    return headerText(part);
  } catch (error) {
    throw new ExpressionError((error as Error).message, { text, offset: text.indexOf(part) });
  }
}

function addJson(builder: TemplateBuilder, value: unknown, environment: TemplateEnvironment): void {
  if (typeof value === 'string') {
    addJsonString(builder, value, environment);
  } else if (Array.isArray(value)) {
    builder.addStatic('[');
    value.forEach((item, index) => {
      if (index > 0) builder.addStatic(',');
      addJson(builder, item, environment);
    });
    builder.addStatic(']');
  } else if (typeof value === 'object' && value !== null) {
    builder.addStatic('{');
    Object.entries(value).forEach(([key, member], index) => {
      builder.addStatic(`${index > 0 ? ',' : ''}${JSON.stringify(key)}:`);
      addJson(builder, member, environment);
    });
    builder.addStatic('}');
  } else {
    builder.addStatic(jsonText(value));
  }
}

function addJsonString(builder: TemplateBuilder, text: string, environment: TemplateEnvironment) {
  const sole = solePlaceholder(splitPlaceholders(text));
  if (sole) {
    addPlaceholder(builder, text, sole, jsonText, environment);
    return;
  }
  builder.addStatic('"');
  addText(builder, text, { context: 'json-string', environment });
  builder.addStatic('"');
}

function addPlaceholder(
  builder: TemplateBuilder,
  text: string,
  placeholder: Placeholder,
  write: (value: unknown) => string,
  environment: TemplateEnvironment,
): void {
  const { expression, render } = compilePlaceholder(text, placeholder, { environment, write });
  const { constants = {} } = environment;
  if (isConstant(expression, constants)) builder.addStatic(render(constants));
  else builder.addDynamic(render, expression.reads);
}

function isConstant(expression: Expression, constants: Scope): boolean {
  for (const path of expression.reads) {
    if (!Object.hasOwn(constants, path.split('.')[0]!)) return false;
  }
  return true;
}

interface PlaceholderUse<Result> {
  readonly environment: TemplateEnvironment;
  readonly write: (value: unknown) => Result;
}

/** `render` throws an ExpressionError that names the whole text and the expression at fault. */
function compilePlaceholder<Result>(
  text: string,
  placeholder: Placeholder,
  { environment, write }: PlaceholderUse<Result>,
): { expression: Expression; render: (scope: Scope) => Result } {
  const { offset } = placeholder;
  let expression: Expression;
  try {
    expression = compileExpression(placeholder.expression, environment);
  } catch (error) {
    throw error instanceof ExpressionError ? error.within(text, offset) : error;
  }
  function render(scope: Scope): Result {
    let value: unknown;
    try {
      value = expression.evaluate(scope);
    } catch (error) {
      throw error instanceof ExpressionError ? error.within(text, offset) : error;
    }
    try {
      return write(value);
    } catch (error) {
      const reason = `${placeholder.expression}: ${(error as Error).message}`;
      throw new ExpressionError(reason, { text, offset }, { cause: error });
    }
  }
  return { expression, render };
}
