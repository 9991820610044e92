import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../reports/format/width.ts';
import type { Screen } from './screen.ts';

const ESCAPE = '\u001b[';
const HIDE_CURSOR = `${ESCAPE}?25l`;
const SHOW_CURSOR = `${ESCAPE}?25h`;
const CLEAR_LINE = `${ESCAPE}2K`;
const CLEAR_BELOW = `${ESCAPE}0J`;

/** A block of lines at the bottom of a terminal that is drawn over itself again and again. */
export class TerminalBlock {
  #screen: Screen;
  #drawn: readonly string[] = [];
  #cursorHidden = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Lines must fit the columns; more of them than the terminal has rows are left out. */
  draw(lines: readonly string[]): void {
    const shown = lines.slice(0, Math.max(1, this.#screen.rows() - 1));
    const text = shown.map((line) => `${CLEAR_LINE}${line}\n`).join('');
    this.#screen.write(
      `${this.#cursorHidden ? '' : HIDE_CURSOR}${this.#home()}${text}${CLEAR_BELOW}`,
    );
    this.#cursorHidden = true;
    this.#drawn = shown;
  }

  /** Takes the block away and gives the cursor back; what follows is written in its place. */
  clear(): void {
    if (this.#cursorHidden) this.#screen.write(`${this.#home()}${CLEAR_BELOW}${SHOW_CURSOR}`);
    this.#cursorHidden = false;
    this.#drawn = [];
  }

  /** To the first row of what was drawn; a terminal that became narrower has wrapped its lines. */
  #home(): string {
    const columns = Math.max(1, this.#screen.columns());
    let rows = 0;
    for (const line of this.#drawn) {
      const width = displayWidth(stripVTControlCharacters(line));
      rows += Math.max(1, Math.ceil(width / columns));
    }
    return rows === 0 ? '\r' : `\r${ESCAPE}${rows}A`;
  }
}
