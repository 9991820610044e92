import { plainPalette, type Palette } from '../../src/reports/palette.ts';
import type { Screen } from '../../src/cli/screen.ts';

/**
 * A terminal in memory that understands what a live view sends: cursor up, clear line, clear
 * below, hide and show the cursor, colours. Anything else it is sent is an error of the test.
 */
export class FakeTerminal implements Screen {
  readonly isTty: boolean = true;
  palette: Palette = plainPalette;
  written = '';
  cursorVisible = true;
  /** Every write, with what the screen showed after it. */
  readonly frames: string[][] = [];
  #columns: number;
  readonly #rows: number;
  #screen: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  columns(): number {
    return this.#columns;
  }

  rows(): number {
    return this.#rows;
  }

  write(text: string): void {
    this.written += text;
    for (let at = 0; at < text.length;) at += this.#take(text.slice(at));
    this.frames.push(this.lines());
  }

  /** What is on the screen, without the empty lines at its end. */
  lines(): string[] {
    const lines = this.#screen.map((line) => line.trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Long lines wrap again, as terminals do it; the cursor stays on its line. */
  resize(columns: number): void {
    const old = this.#screen;
    this.#screen = [];
    let row = 0;
    old.forEach((line, index) => {
      if (index === this.#row) row = this.#screen.length;
      for (let at = 0; at === 0 || at < line.length; at += columns) {
        this.#screen.push(line.slice(at, at + columns));
      }
    });
    this.#row = row;
    this.#columns = columns;
  }

  /** Takes one letter or escape sequence and returns its length. */
  #take(text: string): number {
    const sequence = /^\[(\??)(\d*)([A-Za-z])/.exec(text.slice(1));
    if (text.startsWith('\u001b') && sequence !== null) {
      this.#obey(sequence[1]! + sequence[3]!, Number(sequence[2] || 1), sequence[2]!);
      return sequence[0].length + 1;
    }
    const letter = text[0]!;
    if (letter === '\n') this.#lineBreak();
    else if (letter === '\r') this.#column = 0;
    else if (letter < ' ') throw new Error(`control character ${letter.charCodeAt(0)}`);
    else this.#put(letter);
    return 1;
  }

  #obey(command: string, count: number, argument: string): void {
    switch (command) {
      case 'A':
        this.#row = Math.max(0, this.#row - count);
        return;
      case 'K':
        if (argument !== '2') throw new Error(`clear line ${argument}`);
        this.#screen[this.#row] = '';
        return;
      case 'J':
        this.#screen[this.#row] = this.#screen[this.#row]!.slice(0, this.#column);
        this.#screen.length = this.#row + 1;
        return;
      case '?l':
      case '?h':
        this.cursorVisible = command === '?h';
        return;
      case 'm':
        return;
      default:
        throw new Error(`escape sequence ${command}`);
    }
  }

  #put(letter: string): void {
    if (this.#column >= this.#columns) this.#lineBreak();
    const line = this.#screen[this.#row]!.padEnd(this.#column);
    this.#screen[this.#row] = line.slice(0, this.#column) + letter + line.slice(this.#column + 1);
    this.#column++;
  }

  #lineBreak(): void {
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#screen.length) this.#screen.push('');
    if (this.#screen.length > this.#rows) {
      this.#screen.shift();
      this.#row--;
    }
  }
}
