import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runProgram } from '../../src/cli/program.ts';
import { temporaryFolder } from '../support/run-loadgen.ts';

/** What of a scenario these tests look at. */
export interface ImportedScenario {
  readonly targets: Readonly<Record<string, Readonly<Record<string, unknown>> & { url: string }>>;
  readonly data?: Readonly<Record<string, { inline: Readonly<Record<string, unknown>>[] }>>;
  readonly steps: readonly {
    readonly name: string;
    readonly target?: string;
    readonly request: ImportedRequest;
    readonly expect?: readonly string[];
    readonly onFail?: string;
  }[];
}

export interface ImportedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

export interface Imported {
  readonly file: string;
  /** As it was written. */
  readonly text: string;
  readonly scenario: ImportedScenario;
  /** Standard error: notes and variables. */
  readonly said: string;
  /** The variables that must be set, each with a value. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** The program in this process. */
export async function loadgen(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  let output = '';
  let errors = '';
  const code = await runProgram(args, {
    environment,
    write: (text) => void (output += text),
    writeError: (text) => void (errors += text),
  });
  return { code, output, errors };
}

/** `loadgen new --from …` of a text in a file; the scenario has passed `loadgen validate`. */
export async function importText(
  format: 'curl' | 'har' | 'openapi',
  text: string,
  options: readonly string[] = [],
): Promise<Imported> {
  const source = join(temporaryFolder(), 'source.txt');
  writeFileSync(source, text);
  return importFile(format, source, options);
}

export async function importFile(
  format: 'curl' | 'har' | 'openapi',
  source: string,
  options: readonly string[] = [],
): Promise<Imported> {
  const file = join(temporaryFolder(), 'imported.yaml');
  const args = ['new', '--from', format, source, '-o', file, ...options];
  const { code, output, errors } = await loadgen(args);
  assert.equal(code, 0);
  assert.equal(output, '');
  const text = readFileSync(file, 'utf8');
  const variables = [...errors.matchAll(/^Set (\w+) before a run/gm)];
  const environment = Object.fromEntries(variables.map(([, name]) => [name!, `value-of-${name}`]));
  await assertValid(file, environment);
  return { file, text, scenario: parse(text) as ImportedScenario, said: errors, environment };
}

async function assertValid(file: string, environment: Readonly<Record<string, string>>) {
  const url = Object.hasOwn(environment, 'API_URL') ? { API_URL: 'http://127.0.0.1:1' } : {};
  const { code, errors } = await loadgen(['validate', file], { ...environment, ...url });
  assert.equal(errors, '');
  assert.equal(code, 0);
}

/** The reason for which nothing was made. */
export async function refusalOf(
  format: 'curl' | 'har' | 'openapi',
  text: string,
  options: readonly string[] = [],
): Promise<string> {
  const source = join(temporaryFolder(), 'source.txt');
  writeFileSync(source, text);
  let message = 'nothing was refused';
  await assert.rejects(loadgen(['new', '--from', format, source, ...options]), (error: Error) => {
    message = error.message;
    return (error as Error & { code?: string }).code === 'IMPORT_NOT_POSSIBLE';
  });
  return message;
}
