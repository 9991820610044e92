/** A request as it was captured or described, with nothing of any file format left in it. */
export interface CapturedRequest {
  /** What the step is called after; by default method and path. */
  readonly name?: string;
  readonly method: string;
  readonly url: URL;
  /** What stands for scheme and host, where a reference to the environment is in them. */
  readonly base?: string;
  readonly headers: readonly Header[];
  readonly body?: Body;
  /** What the server answered, where the file says it. */
  readonly status?: number;
}

export interface Header {
  readonly name: string;
  readonly value: string;
}

export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  /** `type` is the media type of a body that no header names. */
  | { readonly kind: 'text'; readonly text: string; readonly type?: string };

export function headerOf({ headers }: Pick<CapturedRequest, 'headers'>, name: string) {
  return headers.find((header) => header.name.toLowerCase() === name)?.value;
}

const JSON_TYPE = /^application\/(?:[^;]*\+)?json\s*(?:;|$)/i;

/** A text as the body that it is: JSON where its type says so and nothing is lost by reading it. */
export function bodyOf(text: string, type: string | undefined): Body {
  if (type !== undefined && JSON_TYPE.test(type)) {
    const value = exactJson(text);
    if (value !== undefined) return { kind: 'json', value };
  }
  return { kind: 'text', text };
}

/** Deeper than any body that a scenario could hold. */
const MAX_DEPTH = 100;

/** Undefined where it is no JSON, or where a number in it is not exact in JavaScript. */
function exactJson(text: string): unknown {
  if (depthOf(text) > MAX_DEPTH) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return withoutBlanks(text) === JSON.stringify(value) ? value : undefined;
}

/** At least how deep its lists and maps lie in each other. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** JSON without the blanks between its parts and without escapes that need not be. */
function withoutBlanks(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (part) =>
    part.startsWith('"') ? JSON.stringify(JSON.parse(part)) : '',
  );
}
