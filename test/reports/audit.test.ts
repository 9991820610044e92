import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditPage } from '../../src/reports/audit/audit-page.ts';
import { auditText, auditVerdict } from '../../src/reports/audit/audit-text.ts';
import { distributionPicture } from '../../src/reports/audit/distribution-picture.ts';
import { compareTimes } from '../../src/results/audit/distributions.ts';
import { auditSchema, type Audit, type AuditComparison } from '../../src/results/schema/audit.ts';

const MS = 1e6;

function comparison(own: readonly number[], server: readonly number[]): AuditComparison {
  const times = compareTimes(Float64Array.from(own), Float64Array.from(server));
  return { metric: 'service_time', ...times, ways: null, printed: [] };
}

function audit(given: Partial<Audit> = {}): Audit {
  return auditSchema.parse({
    schema: 'loadgen/audit@1',
    runId: '01a20385-79e3-7b15-bb3c-231448701fdd',
    auditedAt: '2026-11-22T10:00:00Z',
    scenario: 'shop',
    load: 'closed model',
    versions: { loadgen: '0.1.0', node: '26.10.0' },
    machine: { cpu: 'cpu', cores: 2, loadAverage: 0.4 },
    trialFolder: 'trial-001',
    server: { recipe: 'reference', options: [], description: '', clockOriginNs: 0 },
    changes: [],
    plan: null,
    requests: {
      sent: 3,
      notSent: 0,
      logged: 3,
      matched: 3,
      missing: 0,
      duplicated: 0,
      unknown: 0,
      unlogged: 0,
    },
    comparisons: [comparison([6 * MS, 7 * MS, 9 * MS], [5 * MS, 5 * MS, 8 * MS])],
    outcomes: [],
    seconds: [],
    checks: [],
    holds: true,
    ...given,
  } satisfies Audit);
}

test('differences are of each request, distances of the sorted distributions', () => {
  const own = [10, 3, 8];
  const server = [4, 2, 9];
  const { difference, distance, loadgen } = comparison(own, server);
  assert.deepEqual([difference.minNs, difference.p50Ns, difference.maxNs], [-1, 1, 6]);
  // Sorted: 3, 8, 10 beside 2, 4, 9.
  assert.equal(distance.ns, 4);
  assert.ok(Math.abs(distance.atPercent - 200 / 3) < 1e-9);
  assert.deepEqual([loadgen.minNs, loadgen.p50Ns, loadgen.p99Ns, loadgen.count], [3, 8, 10, 3]);
  assert.deepEqual(comparison([], []).curve, []);
});

test('the verdict tells a record that is wrong from timing that is not in its limits', () => {
  const check = { limit: '', observed: '', holds: false };
  const record = { ...check, name: 'a record', kind: 'record' } as const;
  const timing = { ...check, name: 'a timing', kind: 'timing' } as const;
  assert.match(auditVerdict(audit()), /3 requests is what the server's own log says/);
  assert.match(
    auditVerdict(audit({ holds: false, checks: [timing] })),
    /records .* agree.*a timing/,
  );
  const both = auditVerdict(audit({ holds: false, checks: [record, timing] }));
  assert.match(both, /disagree\. Not so: a record; a timing/);
});

test('a crowded machine is said to be one', () => {
  assert.doesNotMatch(auditText(audit(), { folder: '' }), /too few/);
  const crowded = audit({ machine: { cpu: 'cpu', cores: 2, loadAverage: 11.6 } });
  assert.match(auditText(crowded, { folder: '' }), /load average 11\.6: too few for/);
});

test('names out of a scenario are text on the page and nothing else', () => {
  const page = auditPage(audit({ scenario: '<script>alert("x")</script>', changes: ['a & <b>'] }));
  assert.doesNotMatch(page, /<script|<b>/);
  assert.match(page, /&lt;script&gt;alert\(&quot;x&quot;\)/);
  assert.match(page, /a &amp; &lt;b&gt;/);
});

test('in the picture longer times stand higher, and higher percents further right', () => {
  const picture = distributionPicture(
    comparison([60 * MS, 70 * MS, 900 * MS], [MS, 2 * MS, 3 * MS]),
  );
  const points = (line: string): number[][] =>
    new RegExp(`class="${line}" points="([^"]+)"`)
      .exec(picture)![1]!
      .split(' ')
      .map((point) => point.split(',').map(Number));
  const [own, server] = [points('own'), points('server')];
  assert.equal(own.length, server.length);
  own.forEach(([x, y], index) => {
    assert.equal(x, server[index]![0]);
    assert.ok(y! < server[index]![1]!, 'up is less in SVG');
    if (index > 0) assert.ok(x! > own[index - 1]![0]!);
  });
});
