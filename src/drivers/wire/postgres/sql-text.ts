/** A statement cut at its parameters: `statics` has one entry more than `parameters`. */
export interface SqlParts {
  readonly statics: readonly string[];
  /** Numbers of the parameters from 1, as they stand. */
  readonly parameters: readonly number[];
}

/**
 * What is no parameter although it may hold a `$`: texts, quoted names, comments, texts between
 * `$tag$`, and names such as `a$1`. PostgreSQL documentation, "Lexical Structure".
 */
const TOKEN =
  /[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\$(\d+)/gs;

/** Finds the parameters `$1`, `$2` and so on of a statement. */
export function splitParameters(sql: string): SqlParts {
  const statics: string[] = [];
  const parameters: number[] = [];
  let from = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(sql); match !== null; match = TOKEN.exec(sql)) {
    const [token, , number] = match;
    if (number !== undefined) {
      statics.push(sql.slice(from, match.index));
      parameters.push(Number(number));
      from = TOKEN.lastIndex;
    } else if (token === '/*') TOKEN.lastIndex = commentEnd(sql, TOKEN.lastIndex);
    else if (token.startsWith('$')) TOKEN.lastIndex = dollarTextEnd(sql, token, TOKEN.lastIndex);
  }
  statics.push(sql.slice(from));
  return { statics, parameters };
}

/** Parameters that a statement has, by the highest number. */
export function parameterCount({ parameters }: SqlParts): number {
  return Math.max(0, ...parameters);
}

/** A value in the text of a statement: quoted whatever its type, so that the server decides on it. */
export function literal(value: string | null): string {
  if (value === null) return 'NULL';
  const quoted = value.replaceAll("'", "''");
  return quoted.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** A name as PostgreSQL takes it unchanged. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Comments nest. */
function commentEnd(sql: string, from: number): number {
  let depth = 1;
  for (let at = from; at < sql.length; at++) {
    const pair = sql.slice(at, at + 2);
    if (pair === '/*') depth++;
    else if (pair === '*/') depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return sql.length;
}

function dollarTextEnd(sql: string, tag: string, from: number): number {
  const end = sql.indexOf(tag, from);
  return end < 0 ? sql.length : end + tag.length;
}
