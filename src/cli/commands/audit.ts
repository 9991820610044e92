import { availableParallelism, loadavg } from 'node:os';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EXIT_CODES, worstExitCode, type ExitCode } from '../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { clockOriginNs, systemClock } from '../../base/time/clock.ts';
import { parseDurationNs } from '../../base/time/duration.ts';
import { loadDriver, type DriverName } from '../../drivers/registry.ts';
import { standInRecipe } from '../../recipes/load-recipe.ts';
import { auditPage } from '../../reports/audit/audit-page.ts';
import { auditText } from '../../reports/audit/audit-text.ts';
import { loadWords } from '../../reports/format/load-words.ts';
import { measuredSource } from '../../reports/measured-source.ts';
import type { AuditLimits } from '../../results/audit/audit-input.ts';
import { auditRun } from '../../results/audit/audit-run.ts';
import { readServerLog, type LoggedRequest } from '../../results/audit/server-log.ts';
import { readIntervalRows } from '../../results/read/interval-rows.ts';
import { readSamples } from '../../results/read/read-samples.ts';
import { openRunFolder, type RunFolder } from '../../results/run-folder.ts';
import type { Audit } from '../../results/schema/audit.ts';
import type { Result } from '../../results/schema/result.ts';
import { TRIAL_FILES } from '../../results/trial-files.ts';
import { thisMachine } from '../../results/write/machine.ts';
import { writing } from '../../results/write/not-writable.ts';
import { writeDocument, writeJson } from '../../results/write/write-document.ts';
import type { RunSummary } from '../../run/runner/run-scenario.ts';
import { standInUrl, withStandIns, type StandInServers } from '../../run/runner/stand-in-server.ts';
import { resolveScenario } from '../../scenario/resolve-scenario.ts';
import type { ResolvedScenario, ResolvedTrial } from '../../scenario/resolved.ts';
import { aimedAt, withMarks, withoutAnswers } from '../../scenario/stand-in.ts';
import type { CommandIo } from '../command-io.ts';
import { errorText } from '../error-text.ts';
import { createLiveView, type LiveView } from '../live-view.ts';
import { scenarioRequest } from '../scenario-request.ts';
import { streamScreen } from '../screen.ts';
import { loadgenVersion } from '../version.ts';
import { runToTheEnd } from './run.ts';
import type { AuditOptions } from './run-options.ts';

/** `loadgen audit FILE`: a run beside the log of a server that keeps its own. */
export async function auditCommand(options: AuditOptions, io: CommandIo): Promise<ExitCode> {
  const limits = limitsOf(options);
  const { scenario } = await resolveScenario(scenarioRequest(options.file, options, io));
  const { trial, changes } = await auditable(scenario);
  const serverOptions = serverOptionsOf(options);
  const view = createLiveView({
    screen: streamScreen(process.stderr, process.env),
    clock: systemClock,
    quiet: options.quiet,
  });
  const said: string[] = [];
  const audited = await withStandIns(
    trial,
    {
      command: 'audit',
      serverOptions,
      readyPath: '/__count',
      clock: systemClock,
      status: (text) => view.status(text),
      output: (line) => void said.push(line),
    },
    async (servers) => {
      const aimed = aimedAt(trial, (target) => standInUrl(servers.get(target.driver)!, target));
      const run = await runAudited({ scenario, trial: aimed.trial, options, io, view });
      return { ...run, ...aimed, ...(await logsOf(servers)), servers };
    },
  );
  const { folder, summary, servers } = audited;
  const result = summary.trials[0]?.result;
  const failed = summary.trials.find(({ error }) => error !== undefined)?.error;
  if (failed !== undefined) io.writeError(errorText(failed, { debug: options.debug }));
  if (result === undefined) return summary.exitCode;
  const audit = auditOf({
    ...audited,
    result,
    limits,
    trialFolder: summary.trials[0]!.folder,
    about: {
      scenario: scenario.name,
      changes: [...changes, ...audited.changes],
      server: {
        recipe: [...servers.values()].map(({ recipe }) => recipe.name).join(', '),
        options: serverOptions.filter((option) => option !== '--audit'),
        description: said[0] ?? '',
        clockOriginNs: audited.rawOriginNs,
      },
    },
  });
  writeAudit(folder.folder, audit, audited.logs);
  const exitCode = worstExitCode([
    summary.exitCode,
    audit.holds ? EXIT_CODES.ok : EXIT_CODES.runInvalid,
  ]);
  print({ audit, folder: folder.folder, exitCode, options, io });
  return exitCode;
}

/** One trial in a form that a server can log. */
async function auditable(
  scenario: ResolvedScenario,
): Promise<{ trial: ResolvedTrial; changes: string[] }> {
  const count = scenario.trials.length;
  const { repetition: _, ...first } = scenario.trials[0]!;
  const { trial, changes } = withoutAnswers(first);
  const drivers = new Set(trial.flows.flatMap(({ steps }) => steps.map((step) => step.driver)));
  for (const driver of drivers) standInRecipe(driver, 'audit');
  const definitions = await Promise.all(
    [...drivers].map(async (name) => [name, await loadDriver(name as DriverName)] as const),
  );
  const marked = withMarks(trial, new Map(definitions));
  if (marked === undefined) {
    throw new LoadgenError('BUG', { reason: 'a server was found for requests that say no name' });
  }
  return {
    trial: { ...marked, scenario: `${trial.scenario}-audit` },
    changes: [
      ...(count > 1 ? [`the first of ${count} trials; --set chooses another one`] : []),
      ...changes,
      'each request says which it is, so that the log can be matched one by one',
    ],
  };
}

interface RunPlace {
  readonly scenario: ResolvedScenario;
  readonly trial: ResolvedTrial;
  readonly options: AuditOptions;
  readonly io: CommandIo;
  readonly view: LiveView;
}

async function runAudited(
  place: RunPlace,
): Promise<{ folder: RunFolder; summary: RunSummary; rawOriginNs: number }> {
  const { scenario, trial, options, io, view } = place;
  const { trialConfigs: _, between: __, ...rest } = scenario;
  const audited: ResolvedScenario = {
    ...rest,
    name: trial.scenario,
    trials: [trial],
    report: { formats: [] },
    effectiveConfig: { audited: scenario.trialConfigs?.[0] ?? scenario.effectiveConfig },
  };
  const folder = openRunFolder({
    resultsFolder: options.results ?? 'results',
    scenario: audited,
    clock: systemClock,
    version: loadgenVersion(),
    workingFolder: process.cwd(),
    environment: io.environment,
  });
  const workers = options.workers ?? Math.max(1, availableParallelism() - 1);
  const summary = await runToTheEnd({
    scenario: audited,
    folder,
    workers,
    clock: systemClock,
    keepSamples: true,
    view,
  });
  return { folder, summary, rawOriginNs: clockOriginNs() };
}

/** The CSV of each server and what it could not log, while they still run. */
async function logsOf(servers: StandInServers): Promise<{ logs: string[]; unlogged: number }> {
  const logs: string[] = [];
  let unlogged = 0;
  for (const { url } of servers.values()) {
    const counts = (await (await fetch(new URL('/__count', url))).json()) as { unlogged: number };
    unlogged += counts.unlogged;
    logs.push(await (await fetch(new URL('/__log', url))).text());
  }
  return { logs, unlogged };
}

interface AuditedParts {
  readonly trial: ResolvedTrial;
  readonly result: Result;
  readonly trialFolder: string;
  readonly logs: readonly string[];
  readonly unlogged: number;
  readonly rawOriginNs: number;
  readonly limits: AuditLimits;
  readonly about: Pick<Audit, 'scenario' | 'changes' | 'server'>;
}

function auditOf(parts: AuditedParts): Audit {
  const { result, trialFolder, rawOriginNs } = parts;
  const { cpu, cores } = thisMachine();
  return auditRun({
    ...parts,
    measured: measuredSource(result),
    rows: [...readIntervalRows(join(trialFolder, TRIAL_FILES.intervals))],
    samples: readSamples(trialFolder),
    log: parts.logs.flatMap(readServerLog).map((row) => onRunClock(row, rawOriginNs)),
    about: {
      ...parts.about,
      auditedAt: new Date(systemClock.wallMs()).toISOString(),
      load: result.flows.map(loadWords).join(' and '),
      machine: { cpu, cores, loadAverage: loadavg()[0]! },
      trialFolder: basename(trialFolder),
    },
  });
}

/** The server stamps CLOCK_MONOTONIC; the run counts from its process's origin on that clock. */
function onRunClock(row: LoggedRequest, originNs: number): LoggedRequest {
  return {
    ...row,
    arrivalNs: row.arrivalNs - originNs,
    dueNs: row.dueNs - originNs,
    departureNs: row.departureNs - originNs,
  };
}

function writeAudit(folder: string, audit: Audit, logs: readonly string[]): void {
  writeJson(join(folder, 'audit.json'), audit);
  writeDocument(join(folder, 'audit.txt'), auditText(audit, { folder: '' }));
  writeDocument(join(folder, 'audit.html'), auditPage(audit));
  const path = join(folder, 'server-log.csv.gz');
  writing(path, () => writeFileSync(path, gzipSync(logs.join(''))));
}

interface PrintedAudit {
  readonly audit: Audit;
  readonly folder: string;
  readonly exitCode: ExitCode;
  readonly options: AuditOptions;
  readonly io: CommandIo;
}

function print({ audit, folder, exitCode, options, io }: PrintedAudit): void {
  if (options.json) {
    const { runId, holds, checks, plan, requests, outcomes, changes, server } = audit;
    const comparisons = audit.comparisons.map((each) => {
      const { curve: _, ...figures } = each;
      return figures;
    });
    const shown = { plan, requests, comparisons, outcomes, changes, server };
    io.write(
      `${JSON.stringify({ runId, folder, exitCode, holds, checks, ...shown }, undefined, 2)}\n`,
    );
  } else if (!options.quiet) {
    const { palette } = streamScreen(process.stdout, io.environment);
    io.write(auditText(audit, { folder, palette, exitCode }));
  }
}

function serverOptionsOf({ service, slots, freeze, failEvery }: AuditOptions): string[] {
  return [
    '--audit',
    `--service-time=${service}`,
    ...(slots === undefined ? [] : [`--slots=${slots}`]),
    ...(freeze === undefined ? [] : [`--freeze=${freeze}`]),
    ...(failEvery === undefined ? [] : [`--fail-every=${failEvery}`]),
  ];
}

function limitsOf({ maxLag, maxReceive }: AuditOptions): AuditLimits {
  return { lagNs: limit('--max-lag', maxLag), receiveNs: limit('--max-receive', maxReceive) };
}

function limit(option: string, value: string): number {
  const ns = parseDurationNs(value);
  if (ns !== undefined) return ns;
  const expected = 'a duration such as 500us or 2ms';
  throw new LoadgenError('OPTION_INVALID', { option, value, expected, command: 'audit' });
}
