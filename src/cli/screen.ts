import { ansiPalette, plainPalette, type Palette } from '../reports/palette.ts';

/** Where people look. Injected, so that tests can watch what a view does to a terminal. */
export interface Screen {
  /** A terminal that understands cursor movements; else lines go to a pipe or a file. */
  readonly isTty: boolean;
  /** Now: people resize their terminals. */
  columns(): number;
  rows(): number;
  readonly palette: Palette;
  write(text: string): void;
}

const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

/** The screen behind a stream of the process. `NO_COLOR` and `TERM=dumb` are respected. */
export function streamScreen(
  stream: NodeJS.WriteStream,
  environment: Readonly<Record<string, string | undefined>>,
): Screen {
  const isTty = stream.isTTY === true && environment['TERM'] !== 'dumb';
  const hasColours = isTty && !environment['NO_COLOR'];
  // A reader that goes away (`loadgen run … | head`) is no reason to lose a run.
  stream.on('error', () => {});
  return {
    isTty,
    columns: () => stream.columns || USUAL_COLUMNS,
    rows: () => stream.rows || USUAL_ROWS,
    palette: hasColours ? ansiPalette : plainPalette,
    write: (text) => void stream.write(text),
  };
}
