import { composeDraft } from '../compose-draft.ts';
import type { Draft } from '../draft.ts';
import { ImportRefused } from '../import-refused.ts';
import type { ImportInput } from '../importer.ts';
import { Notes } from '../notes.ts';
import { Secrets } from '../secrets.ts';
import { canSend } from '../compose-step.ts';
import { referencesIn, withoutMarks } from '../literal.ts';
import { readArguments } from './curl-options.ts';
import { curlRequests } from './curl-request.ts';
import { shellCommands, type ShellCommand } from './shell-commands.ts';

/** Text of curl commands, which are short; a body of a megabyte is none that a terminal takes. */
const MAX_CHARACTERS = 4 * 2 ** 20;

/** A scenario of one or more curl command lines, as they are typed or copied from a browser. */
export function importCurl({ text, words }: ImportInput): Draft {
  if (text.length > MAX_CHARACTERS) {
    throw new ImportRefused(`it has more than ${MAX_CHARACTERS / 2 ** 20} MiB`);
  }
  const notes = new Notes();
  const secrets = new Secrets();
  const commands = curlCommands(shellCommands(withoutMarks(text)), notes);
  for (const name of commands.flat().flatMap(referencesIn)) {
    secrets.declare(name, 'a variable of the shell in the command');
  }
  const context = { notes, secrets, words };
  const all = commands.flatMap(readArguments).map((given) => curlRequests(given, context));
  const requests = all.flatMap((one) => one.requests);
  for (const { method } of requests) {
    if (!canSend(method)) throw new ImportRefused(`the method ${method} cannot be sent`);
  }
  const targetKeys = Object.assign({}, ...all.map((one) => one.targetKeys)) as object;
  const source = `From ${requests.length === 1 ? 'a curl command' : 'curl commands'}`;
  return composeDraft({
    source,
    requests,
    kindOf: (_, index) => String(index),
    targetKeys: { ...targetKeys },
    notes,
    secrets,
    words,
  });
}

/** The words behind `curl` of each command that is one; the others are named. */
function curlCommands(commands: readonly ShellCommand[], notes: Notes): string[][] {
  const found: string[][] = [];
  for (const { words, redirections } of commands) {
    const assignments = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
    const [program = '', ...rest] = words.slice(Math.max(0, assignments));
    if (/(?:^|[/\\])curl(?:\.exe)?$/i.test(program)) found.push(rest);
    else if (program.startsWith('-') && found.length > 0) found.at(-1)!.push(program, ...rest);
    else if (/^(?:iwr|irm|Invoke-(?:WebRequest|RestMethod))$/i.test(program)) {
      throw new ImportRefused('it is a command of PowerShell; copy it as cURL instead');
    } else notes.add(`Not read, since it is no curl command: ${program} …`);
    if (redirections.length > 0) notes.add('Redirections of the shell have no meaning here.');
  }
  if (found.length === 0) throw new ImportRefused('there is no curl command in it');
  return found;
}
