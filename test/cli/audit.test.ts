import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { LoadgenError } from '../../src/base/errors/loadgen-error.ts';
import { OUTCOME } from '../../src/measure/metrics/outcome.ts';
import { measuredSource } from '../../src/reports/measured-source.ts';
import type { AuditInput } from '../../src/results/audit/audit-input.ts';
import { auditRun } from '../../src/results/audit/audit-run.ts';
import { readServerLog, type LoggedRequest } from '../../src/results/audit/server-log.ts';
import { readIntervalRows } from '../../src/results/read/interval-rows.ts';
import { readResult } from '../../src/results/read/read-result.ts';
import { readSamples, type RawSample } from '../../src/results/read/read-samples.ts';
import { auditSchema, type Audit } from '../../src/results/schema/audit.ts';
import { resolveScenario } from '../../src/scenario/resolve-scenario.ts';
import { runProgram } from '../../src/cli/program.ts';
import { assertEnded, scenarioFolder, startLoadgen } from '../support/run-loadgen.ts';

/** Timing is the machine's affair here; records have no excuse. */
function assertRecordsHold({ checks }: Pick<Audit, 'checks'>): void {
  const broken = checks.filter(({ kind, holds }) => kind === 'record' && !holds);
  assert.deepEqual(broken, []);
}

interface Audited {
  readonly folder: string;
  readonly audit: Audit;
  readonly code: number | null;
  readonly errors: string;
  readonly scenarioFile: string;
}

async function audited(scenario: string, ...options: string[]): Promise<Audited> {
  const place = scenarioFolder(scenario);
  const limits = ['--max-lag=1h', '--max-receive=1h'];
  const run = startLoadgen(['audit', 'scenario.yaml', '--json', '--quiet', ...limits, ...options], {
    folder: place,
  });
  const { code, output, errors } = await run.ended;
  assert.notEqual(output, '', errors);
  const folder = join(place, (JSON.parse(output) as { folder: string }).folder);
  const audit = auditSchema.parse(JSON.parse(readFileSync(join(folder, 'audit.json'), 'utf8')));
  return { folder, audit, code, errors, scenarioFile: join(place, 'scenario.yaml') };
}

const OPEN = `
version: 1
seed: 5
targets: { api: { driver: http, url: "http://api.invalid/base", timeout: 5s } }
data: { texts: { generate: text, tokens: 8, rows: 20 } }
steps:
  - name: health
    request: { path: /health }
    expect: ["status == 204"]
    extract: { token: json.token }
    onFail: continue
  - name: embed
    request: { path: /embed, json: { texts: ["{{ texts.text }}"] } }
  - name: search
    request: { path: "/search?q={{ steps.health.token }}" }
load: { executor: constant-arrival-rate, rate: 150/s, arrival: poisson, duration: 1500ms, warmup: { duration: 300ms } }
thresholds: ["error_rate == 0%"]
`;

test('an open loop that freezes and fails is, request by request, what the server logged', async () => {
  const { audit, code, errors, folder, scenarioFile } = await audited(
    OPEN,
    '--freeze=100ms/500ms',
    '--fail-every=20:503',
    '--service=exponential:2ms',
  );
  assertRecordsHold(audit);
  assertEnded({ code, errors }, 0);
  assert.match(audit.changes.join('\n'), /step search is left out/);
  const { requests, plan, outcomes, comparisons } = audit;
  assert.equal(plan!.planned, plan!.started);
  assert.equal(requests.logged, requests.sent);
  assert.ok(requests.sent > 2 * plan!.started, 'two steps an iteration, and the warm-up');
  const rejected = outcomes.find(({ outcome }) => outcome === 'rejected')!;
  assert.equal(rejected.status, 503);
  assert.equal(rejected.count, Math.floor(requests.sent / 20));
  assert.deepEqual(
    comparisons.map(({ metric }) => metric),
    ['response_time', 'service_time'],
  );
  const page = readFileSync(join(folder, 'audit.html'), 'utf8');
  assert.equal(page.match(/<svg/g)!.length, 3);
  assert.doesNotMatch(page, /NaN|undefined|src=|href=/);
  await judgeTampering({ folder, audit, scenarioFile });
});

/** The same run with one record changed, on either side: each must be found by its own check. */
async function judgeTampering(run: Omit<Audited, 'code' | 'errors'>): Promise<void> {
  const input = await readInput(run);
  assertRecordsHold(auditRun(input));
  const withLog = (log: readonly LoggedRequest[]): AuditInput => ({ ...input, log });
  const withSample = (index: number, change: Partial<RawSample>): AuditInput => ({
    ...input,
    samples: input.samples.map((one, at) => (at === index ? { ...one, ...change } : one)),
  });
  const measured = input.samples.findLastIndex(
    ({ outcome, lane }) => outcome === OUTCOME.ok && lane === 0,
  );
  const { intended } = input.samples[measured]!;
  const [first, ...rest] = input.log;
  const findings: readonly (readonly [AuditInput, RegExp])[] = [
    [withLog(rest), /arrived once/],
    [withLog([first!, first!, ...rest]), /arrived once/],
    [withSample(measured, { intended: intended + 5_000 }), /plan was followed/],
    [withSample(measured, { outcome: OUTCOME.rejected }), /what the server did/],
    [withSample(measured, { done: intended }), /never shorter/],
    [{ ...input, samples: input.samples.slice(1) }, /account balances/],
    [
      { ...input, rows: input.rows.map((row) => ({ ...row, startedAtNs: row.startedAtNs - 1e9 })) },
      /seconds agree/,
    ],
    [{ ...input, unlogged: 1 }, /arrived once/],
  ];
  for (const [tampered, name] of findings) {
    const { checks, holds } = auditRun(tampered);
    assert.equal(holds, false);
    const broken = checks.filter((check) => !check.holds).map((check) => check.name);
    assert.ok(
      broken.some((each) => name.test(each)),
      `${name}: ${broken.join('; ')}`,
    );
  }
}

async function readInput({ folder, audit, scenarioFile }: Omit<Audited, 'code' | 'errors'>) {
  const trialFolder = join(folder, audit.trialFolder);
  const { result } = (await readResult(trialFolder)).trials[0]!;
  const surroundings = { recipes: [], reportFormats: ['text'], descriptorLimit: undefined };
  const { scenario } = await resolveScenario({ file: scenarioFile, environment: {}, surroundings });
  const [trial] = scenario.trials;
  const flows = trial!.flows.map((flow) => ({ ...flow, steps: flow.steps.slice(0, 2) }));
  const csv = gunzipSync(readFileSync(join(folder, 'server-log.csv.gz'))).toString();
  const { clockOriginNs } = audit.server;
  const log = readServerLog(csv).map((row) => ({
    ...row,
    arrivalNs: row.arrivalNs - clockOriginNs,
    departureNs: row.departureNs - clockOriginNs,
  }));
  return {
    trial: { ...trial!, flows },
    result,
    measured: measuredSource(result),
    rows: [...readIntervalRows(join(trialFolder, 'intervals.ndjson'))],
    samples: readSamples(trialFolder),
    log,
    unlogged: 0,
    about: audit,
    limits: { lagNs: Infinity, receiveNs: Infinity },
  } satisfies AuditInput;
}

const CLOSED = `
version: 1
targets: { api: { driver: http, server: embedding-node } }
steps: [{ name: put, request: { method: PUT, path: /any/path, text: hello } }]
load: { executor: shared-iterations, vus: 4, iterations: 200 }
`;

test('a closed loop has no plan, connections that break are seen as lost, and 90 says not so', async () => {
  const { audit, code } = await audited(CLOSED, '--fail-every=10:reset', '--max-receive=1ns');
  assertRecordsHold(audit);
  assert.equal(audit.plan, null);
  assert.equal(audit.requests.sent, 200);
  const lost = audit.outcomes.filter(({ status }) => status === 0);
  assert.deepEqual(lost, [{ status: 0, outcome: 'connection_lost', count: 20, agrees: true }]);
  assert.equal(audit.holds, false);
  assert.equal(code, 90);
});

test('a server that never answers in time agrees with the records, and leaves nothing to compare', async () => {
  const scenario = CLOSED.replace(
    'server: embedding-node',
    'url: "http://x.invalid", timeout: 20ms',
  );
  const { audit, code } = await audited(scenario, '--service=2s', '--set=load.iterations=20');
  assertRecordsHold(audit);
  assert.deepEqual(
    audit.outcomes.map(({ outcome, count }) => [outcome, count]),
    [['timeout', 20]],
  );
  const broken = audit.checks.filter(({ holds }) => !holds).map(({ name }) => name);
  assert.deepEqual(broken, ['answers came, so that times can be compared']);
  assert.equal(code, 90);
});

test('limits are durations, and a server option that is wrong ends with what the server says', async () => {
  const io = { environment: {}, write() {}, writeError() {} };
  await assert.rejects(runProgram(['audit', 'x.yaml', '--max-lag=5'], io), (error: unknown) => {
    return (
      error instanceof LoadgenError && error.exitCode === 104 && /--max-lag/.test(error.message)
    );
  });
  const folder = scenarioFolder(CLOSED);
  const { code, errors } = await startLoadgen(['audit', 'scenario.yaml', '--freeze=1s'], { folder })
    .ended;
  assert.equal(code, 92);
  assert.match(errors, /"1s" is not DURATION\/PERIOD/);
});
