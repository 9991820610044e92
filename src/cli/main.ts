import { EXIT_CODES, type ExitCode } from '../base/errors/exit-codes.ts';
import { LoadgenError } from '../base/errors/loadgen-error.ts';
import type { CommandIo } from './command-io.ts';
import { errorText } from './error-text.ts';
import { runProgram } from './program.ts';

/** The process: the only place that prints an error, and the only one that ends loadgen. */
export async function main(args: readonly string[]): Promise<void> {
  const debug = args.includes('--debug');
  // Should the process run out of things to do before its work is done, that is a bug and no 0.
  process.exitCode = EXIT_CODES.bug;
  const end = (thrown: unknown) => void exit(fail(thrown, debug));
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  // A reader that goes away, as in `loadgen drivers | head`, is no error.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  const io: CommandIo = {
    environment: process.env,
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  };
  let code: ExitCode;
  try {
    code = await runProgram(args, io);
  } catch (thrown) {
    code = fail(thrown, debug);
  }
  await exit(code);
}

function fail(thrown: unknown, debug: boolean): ExitCode {
  const error = LoadgenError.from(thrown);
  process.stderr.write(errorText(error, { debug }));
  return error.exitCode ?? EXIT_CODES.bug;
}

/** After what was written has left the process. */
async function exit(code: ExitCode): Promise<void> {
  process.exitCode = code;
  await Promise.all([process.stdout, process.stderr].map(flushed));
  // oxlint-disable-next-line no-restricted-properties -- this is the one place that does
  process.exit(code);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
