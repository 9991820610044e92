import type { TrialFacts } from '../schema/trial-facts.ts';

/** What a trial asks of its targets: two that ask the same can be compared. */
export interface TrialShape {
  readonly facts: Pick<
    TrialFacts,
    'axes' | 'seed' | 'params' | 'planHash' | 'flows' | 'targets' | 'shard'
  >;
  /** Its scenario after overrides, redacted; undefined where it was not kept. */
  readonly config: unknown;
}

/** Sections of a scenario that say what is sent, and when. */
const SECTIONS = ['params', 'data', 'steps', 'flows', 'load', 'prepare'] as const;
/** Where a server is, and what it is called, is what a comparison may be about. */
const NOT_OF_TARGETS = ['url', 'server', 'labels', 'monitor'];

/** The first thing in which they differ, in words; undefined where there is none. */
export function shapeDifference(baseline: TrialShape, current: TrialShape): string | undefined {
  const [then, now] = [comparable(baseline), comparable(current)];
  for (const key of Object.keys(now) as (keyof typeof now)[]) {
    // What one side did not keep cannot be held against the other.
    if (then[key] === undefined || now[key] === undefined) continue;
    const found = difference(then[key], now[key], key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function comparable({ facts, config }: TrialShape) {
  const { seed, params, planHash, flows, targets, shard } = facts;
  const known = isMap(config) ? config : undefined;
  const section = (name: string): unknown => known && (known[name] ?? null);
  return {
    seed,
    params,
    flows: byName(flows),
    targets: byName(targets.map(({ name, driver, connection }) => ({ name, driver, connection }))),
    shard: shard === undefined ? null : { index: shard.index, count: shard.count },
    ...Object.fromEntries(SECTIONS.map((name) => [`scenario ${name}`, section(name)])),
    'scenario targets': known && targetSections(known['targets']),
    planHash: planHash ?? undefined,
  };
}

function targetSections(targets: unknown): unknown {
  if (!isMap(targets)) return null;
  return Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [name, without(target, NOT_OF_TARGETS)]),
  );
}

function without(value: unknown, keys: readonly string[]): unknown {
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

function byName<Item extends { readonly name: string }>(items: readonly Item[]): object {
  return Object.fromEntries(items.map((item) => [item.name, item]));
}

/** `flows.main.vus is 4 in the baseline and 8 here` */
function difference(then: unknown, now: unknown, path: string): string | undefined {
  if (isNested(then) && isNested(now)) {
    for (const key of new Set([...Object.keys(then), ...Object.keys(now)])) {
      const found = difference(own(then, key), own(now, key), `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (Object.is(then, now)) return undefined;
  return `${path} is ${inWords(then)} in the baseline and ${inWords(now)} here`;
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

const LONGEST_VALUE = 60;

function inWords(value: unknown): string {
  if (value === undefined || value === null) return 'not there';
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return isNested(value) && !Array.isArray(value);
}

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
