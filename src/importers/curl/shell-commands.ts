import { ImportRefused } from '../import-refused.ts';
import { environmentReference } from '../literal.ts';
import { windowsCommands, withoutCarets } from './windows-words.ts';

/** A command as its words, and the redirections behind it. */
export interface ShellCommand {
  readonly words: string[];
  readonly redirections: string[];
}

type Dialect = 'bash' | 'cmd' | 'powershell';

/** Splits a text into commands as the shell does for which it was written, as its quoting shows. */
export function shellCommands(text: string): ShellCommand[] {
  const dialect = dialectOf(text);
  if (dialect === 'cmd') return windowsCommands(withoutCarets(text));
  return new Splitter(text.trim().replace(/^[$>] +/, ''), dialect).split();
}

/** Browsers copy for cmd with a caret before each special character, and before each line's end. */
function dialectOf(text: string): Dialect {
  if (/\^"|\s\^\r?\n/.test(text)) return 'cmd';
  if (/\s`\r?\n|\$env:|^\s*curl\.exe\b|`"/i.test(text)) return 'powershell';
  return 'bash';
}

const VARIABLES: Readonly<Record<string, RegExp>> = {
  bash: /^\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/,
  powershell: /^\$(?:\{env:(\w+)\}|env:(\w+)|([A-Za-z_]\w*))/i,
};

/** What a backslash in `$'…'` and a backtick of PowerShell give. */
const CONTROL: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001b',
  E: '\u001b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  0: '\0',
};

class Splitter {
  readonly #text: string;
  readonly #dialect: 'bash' | 'powershell';
  readonly #escape: string;
  #at = 0;
  #word: string | undefined;
  #redirection: string | undefined;
  #command: ShellCommand = { words: [], redirections: [] };
  readonly #commands: ShellCommand[] = [];

  constructor(text: string, dialect: 'bash' | 'powershell') {
    this.#text = text;
    this.#dialect = dialect;
    this.#escape = dialect === 'bash' ? '\\' : '`';
  }

  split(): ShellCommand[] {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at]!);
    this.#endCommand();
    return this.#commands;
  }

  #step(character: string): void {
    if (character === this.#escape) this.#escaped();
    else if (character === "'") this.#single();
    else if (character === '"') this.#double();
    else if (this.#dialect === 'bash' && this.#text.startsWith("$'", this.#at)) this.#ansi();
    else if (character === '$' || character === '`') this.#variable();
    else if (/[\n;&|]/.test(character)) this.#endCommand(1);
    else if (/\s/.test(character)) this.#endWord(1);
    else if (/[<>]/.test(character)) this.#redirect(character);
    else if (character === '#' && this.#word === undefined) this.#skipLine();
    else this.#append(this.#take(1));
  }

  #take(length: number): string {
    this.#at += length;
    return this.#text.slice(this.#at - length, this.#at);
  }

  #append(text: string): void {
    this.#word = (this.#word ?? '') + text;
  }

  #endWord(length: number): void {
    this.#at += length;
    if (this.#word === undefined) return;
    if (this.#redirection === undefined) this.#command.words.push(this.#word);
    else this.#command.redirections.push(`${this.#redirection} ${this.#word}`);
    this.#word = undefined;
    this.#redirection = undefined;
  }

  #endCommand(length = 0): void {
    this.#endWord(length);
    if (this.#command.words.length > 0) this.#commands.push(this.#command);
    this.#command = { words: [], redirections: [] };
  }

  /** A digit before it, as in `2>`, is the descriptor and no word; what follows is the file. */
  #redirect(character: string): void {
    const descriptor = /^\d$/.test(this.#word ?? '') ? this.#word! : '';
    if (descriptor !== '') this.#word = undefined;
    this.#endWord(1);
    this.#redirection = (this.#redirection ?? descriptor) + character;
    if (this.#text[this.#at] === '&') this.#append(this.#take(1));
  }

  #escaped(): void {
    this.#at++;
    if (this.#text.startsWith('\r\n', this.#at)) this.#at += 2;
    else if (this.#text[this.#at] === '\n') this.#at++;
    else if (this.#at < this.#text.length) this.#append(this.#afterEscape());
  }

  /** PowerShell's backtick makes control characters outside quotes too; bash's backslash none. */
  #afterEscape(): string {
    const character = this.#take(1);
    return this.#dialect === 'powershell' ? (CONTROL[character] ?? character) : character;
  }

  /** In PowerShell two quotes in a quoted text are one. */
  #single(): void {
    this.#append('');
    for (;;) {
      const end = this.#text.indexOf("'", this.#at + 1);
      if (end < 0) throw new ImportRefused('a single quote is not closed');
      this.#append(this.#text.slice(this.#at + 1, end));
      this.#at = end + 1;
      if (this.#dialect === 'bash' || this.#text[this.#at] !== "'") return;
      this.#append("'");
    }
  }

  #double(): void {
    this.#append('');
    this.#at++;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      if (character === '"') {
        this.#at++;
        if (this.#dialect === 'bash' || this.#text[this.#at] !== '"') return;
        this.#append(this.#take(1));
      } else if (character === this.#escape) this.#escapedInDouble();
      else if (character === '$' || character === '`') this.#variable();
      else this.#append(this.#take(1));
    }
    throw new ImportRefused('a double quote is not closed');
  }

  #escapedInDouble(): void {
    const next = this.#text[this.#at + 1] ?? '';
    if (next === '\n') this.#at += 2;
    else if (this.#dialect === 'powershell' || '"\\$`'.includes(next)) {
      this.#at++;
      this.#append(this.#afterEscape());
    } else this.#append(this.#take(1));
  }

  /** A variable of the shell becomes one of the environment that loadgen sees. */
  #variable(): void {
    const rest = this.#text.slice(this.#at, this.#at + 200);
    if (/^(?:\$\(|`)/.test(rest)) {
      throw new ImportRefused('it holds a command substitution; put its outcome in its place');
    }
    const found = VARIABLES[this.#dialect]!.exec(rest);
    if (found === null) return this.#append(this.#take(1));
    this.#at += found[0].length;
    this.#append(environmentReference(found.slice(1).find((name) => name !== undefined)!));
  }

  /** `$'…'`: escapes as in C. Bytes are gathered, since several may make one character. */
  #ansi(): void {
    const pattern = new RegExp(ANSI_PARTS);
    pattern.lastIndex = this.#at + 2;
    const parts: Buffer[] = [];
    for (let part = pattern.exec(this.#text); part !== null; part = pattern.exec(this.#text)) {
      if (part[0] === "'") {
        this.#at = pattern.lastIndex;
        return this.#append(Buffer.concat(parts).toString('utf8'));
      }
      parts.push(ansiPart(part));
    }
    throw new ImportRefused("a $' quote is not closed");
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }
}

/** Browsers write what lies beyond U+FFFF as two escapes, the halves of a surrogate pair. */
const ANSI_PARTS =
  /\\u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|\\x([\da-fA-F]{1,2})|\\([0-7]{1,3})|\\u([\da-fA-F]{1,4})|\\U([\da-fA-F]{1,8})|\\([^])|'|[^\\']+/gy;

function ansiPart(found: RegExpExecArray): Buffer {
  const [all, high, low, hex, octal, short, long, other] = found;
  if (high !== undefined) return Buffer.from(pair(high, low!));
  if (hex !== undefined) return Buffer.from([Number.parseInt(hex, 16)]);
  if (octal !== undefined) return Buffer.from([Number.parseInt(octal, 8) & 0xff]);
  const point = short ?? long;
  if (point !== undefined) return Buffer.from(String.fromCodePoint(checked(point)));
  return Buffer.from(other === undefined ? all : (CONTROL[other] ?? other));
}

function pair(high: string, low: string): string {
  return String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low, 16));
}

function checked(point: string): number {
  const code = Number.parseInt(point, 16);
  if (code > 0x10ffff) throw new ImportRefused(`U+${point} is no character`);
  return code;
}
