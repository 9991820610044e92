import { OUTCOMES, type Outcome } from '../../measure/metrics/outcome.ts';
import type { Audit, AuditSecond } from '../schema/audit.ts';
import type { AuditedRun } from './audit-input.ts';
import { isAnswered } from './audit-times.ts';

/** How often each status in the server's log met each outcome, of both phases. */
export function auditOutcomes({ match }: AuditedRun): Audit['outcomes'] {
  const counts = new Map<string, Audit['outcomes'][number]>();
  for (const { sample, logged } of match.pairs) {
    const outcome = OUTCOMES[sample.outcome]!;
    const { status } = logged;
    const key = `${status} ${outcome}`;
    const before = counts.get(key);
    counts.set(key, {
      status,
      outcome,
      count: (before?.count ?? 0) + 1,
      agrees: agrees(status, outcome),
    });
  }
  return [...counts.values()].toSorted((a, b) => a.status - b.status || b.count - a.count);
}

/** Whoever stops waiting sees no answer, whatever the server goes on to send. */
const GAVE_UP: readonly Outcome[] = ['timeout', 'interrupted', 'cancelled'];

function agrees(status: number, outcome: Outcome): boolean {
  return [...expectedOf(status), ...GAVE_UP].includes(outcome);
}

function expectedOf(status: number): readonly Outcome[] {
  if (status === 0) return ['connection_lost', 'protocol_error'];
  if (status === 429 || status === 503) return ['rejected'];
  return status < 400 ? ['ok'] : ['status_error'];
}

/** The seconds that loadgen recorded, with what the server logged in each of them. */
export function auditSeconds(run: AuditedRun): AuditSecond[] {
  const arrivals = moments(run, ({ arrivalNs }) => arrivalNs);
  const departures = moments(run, ({ departureNs }) => departureNs, isAnswered);
  let arrived = 0;
  let departed = 0;
  return run.rows
    .filter(({ phase }) => phase === 'measure')
    .map(({ second, seconds, due, operations, startedAtNs, durationNs }) => {
      const endNs = startedAtNs + durationNs;
      const [arrivedBefore, departedBefore] = [arrived, departed];
      while (arrived < arrivals.length && arrivals[arrived]! < endNs) arrived++;
      while (departed < departures.length && departures[departed]! < endNs) departed++;
      return {
        second,
        seconds,
        due,
        answered: answeredOf(operations),
        arrived: arrived - arrivedBefore,
        departed: departed - departedBefore,
      };
    });
}

function answeredOf(operations: Readonly<Record<string, number>>): number {
  return ['ok', 'check_failed', 'status_error', 'rejected'].reduce(
    (sum, outcome) => sum + (operations[outcome] ?? 0),
    0,
  );
}

type Pair = AuditedRun['measuredPairs'][number];

/** Of the measured phase, ascending, in clock ns. */
function moments(
  { measuredPairs }: AuditedRun,
  momentOf: (logged: Pair['logged']) => number,
  isMeant: (sample: Pair['sample']) => boolean = () => true,
): Float64Array {
  const pairs = measuredPairs.filter(({ sample }) => isMeant(sample));
  return Float64Array.from(pairs, ({ logged }) => momentOf(logged)).sort();
}
