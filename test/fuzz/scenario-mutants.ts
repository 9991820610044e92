import {
  randomBelow,
  randomStream,
  type RandomStream,
} from '../../src/base/random/counter-random.ts';
import { knownKeys, schemasAt } from '../../src/scenario/schema/schema-walk.ts';
import type { composedSchema } from '../../src/scenario/schema/composed-schema.ts';

type Path = readonly (string | number)[];
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A scenario with one mistake in it, and what that is. */
export interface Mutant {
  readonly text: string;
  readonly path: Path;
  readonly mistake: string;
  /** Nothing makes this right: it has to be a problem. */
  readonly isWrong: boolean;
}

/** A scenario that uses every section, so that mistakes have places to be made in. */
export const WHOLE_SCENARIO: Json = {
  version: 1,
  name: 'whole',
  seed: 3,
  params: { size: 4, path: '/a' },
  tags: { team: 'search' },
  targets: {
    web: {
      driver: 'http',
      url: 'http://127.0.0.1:8000',
      timeout: '3s',
      connectTimeout: '1s',
      connection: 'perVu',
      labels: { model: 'tiny' },
      headers: { 'x-a': 'b' },
    },
    other: { driver: 'http', url: 'http://127.0.0.1:8001' },
  },
  data: {
    rows: {
      inline: [
        { text: 'a', n: 1 },
        { text: 'b', n: 2 },
      ],
      pick: 'zipf',
      skip: 0,
      batch: 1,
    },
    made: { generate: 'text', tokens: 3, rows: 2 },
  },
  flows: {
    main: {
      tags: { kind: 'main' },
      steps: [
        {
          name: 'embed',
          target: 'web',
          when: 'rows.n > 0',
          request: { method: 'POST', path: '/{{ rows.text }}', json: { a: ['{{ made.text }}'] } },
          expect: ['status == 200'],
          extract: { id: 'json.id' },
          slo: { response_time: '1s' },
          timeout: '1s',
          deadline: '2s',
          onFail: 'continue',
          items: 'rows.n',
          poll: { until: 'json.ready', every: '10ms' },
          record: { took: { value: 'json.took', unit: 'ms' } },
          checkShare: '50%',
          tags: {
            size: { value: 'rows.n', buckets: [1, 2] },
            who: { value: 'rows.text', oneOf: ['a'] },
          },
        },
        { think: { normal: { mean: '1s', sd: '100ms', max: '2s' } } },
        {
          oneOf: [
            { weight: 1, group: [{ name: 'get', target: 'other', request: { path: '/' } }] },
            { name: 'put', weight: 2, target: 'other', request: { path: '/{{ steps.embed.id }}' } },
          ],
        },
      ],
      load: {
        executor: 'constant-arrival-rate',
        rate: '10/s',
        duration: '10s',
        arrival: 'poisson',
        maxInFlight: 5,
        whenLate: 'queue',
        maxLateness: '1s',
        latencyLimit: '1s',
        gracefulStop: '1s',
        warmup: { duration: '1s' },
      },
    },
    second: {
      steps: [{ name: 'again', target: 'web', request: { path: '/' } }],
      load: { executor: 'constant-vus', vus: 2, startAfter: '1s', endWith: 'main' },
    },
  },
  thresholds: [
    'error_rate < 1%',
    { threshold: 'response_time{step:embed} avg < 1s', window: '2s', abortOnFail: true },
  ],
  trials: { repeat: 1, order: 'listed', pause: '0s', stopOnFail: false },
  report: { formats: ['text'] },
};

/** Values that are wrong almost everywhere, each in a way of its own. */
const WRONG_VALUES: readonly Json[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e300,
  9007199254740992,
  '',
  ' ',
  'no such word',
  '5',
  '5 parsecs',
  '-3s',
  '200%',
  '1e9/s',
  '${NOT_SET_ANYWHERE}',
  '${',
  '{{ rows.nothing }}',
  '{{ nothing.at.all }}',
  '{{ 1 +',
  '{{ params.size }}',
  '{{ params.nothing }}',
  'status ==',
  'json.x.y.z()',
  '../../etc/passwd',
  '\u0000',
  '\ud800',
  'x'.repeat(5000),
  [],
  [[]],
  ['a', 1, null],
  {},
  { a: 1 },
  { constructor: 1, toString: 2 },
];

/** Mistake number `number` of a seed: a function of both. */
export function mutantOf(
  schema: ReturnType<typeof composedSchema>,
  { seed, number }: { readonly seed: number; readonly number: number },
): Mutant {
  const draw = drawer(randomStream(seed, 'scenario-mutants'), number);
  const places = placesOf(WHOLE_SCENARIO);
  const path = places[draw(places.length)]!;
  const kinds = [wrongValue, wrongValue, wrongValue, knownKeyWrong, strangeKey, missing];
  return kinds[draw(kinds.length)]!(path, { schema, draw });
}

type Draw = (bound: number) => number;

function drawer(stream: RandomStream, number: number): Draw {
  let drawn = 0;
  return (bound) => randomBelow(stream, number * 64 + drawn++, bound);
}

interface Mutation {
  readonly schema: ReturnType<typeof composedSchema>;
  readonly draw: Draw;
}

function wrongValue(path: Path, { draw }: Mutation): Mutant {
  const value = WRONG_VALUES[draw(WRONG_VALUES.length)]!;
  return mutant(path, value, `${JSON.stringify(value).slice(0, 60)} in place of it`, false);
}

/** A key that may stand there, with a value that most likely may not. */
function knownKeyWrong(path: Path, { schema, draw }: Mutation): Mutant {
  const keys = knownKeys(schema, path, WHOLE_SCENARIO);
  const key = keys[draw(Math.max(1, keys.length))];
  if (key === undefined || !isMap(valueAt(path))) return wrongValue(path, { schema, draw });
  return wrongValue([...path, key], { schema, draw });
}

/** Maps whose keys are the user's own take any; the others take none that they do not know. */
function strangeKey(path: Path, { schema, draw }: Mutation): Mutant {
  const keys = ['vuss', 'Steps', 'time out', '__proto__', 'url.x', 'ünknown', ''];
  const key = keys[draw(keys.length)]!;
  if (!isMap(valueAt(path))) return wrongValue(path, { schema, draw });
  const takesAny = schemasAt(schema, path, WHOLE_SCENARIO).some(
    (candidate) => candidate._zod.def.type !== 'object',
  );
  return mutant([...path, key], 1, `the key ${JSON.stringify(key)}`, !takesAny);
}

function missing(path: Path): Mutant {
  return mutant(path, undefined, 'nothing there', false);
}

function mutant(path: Path, value: Json | undefined, mistake: string, isWrong: boolean): Mutant {
  return { text: emit(WHOLE_SCENARIO, [], { path, value }), path, mistake, isWrong };
}

/** JSON, which YAML is made of, with one value replaced; `__proto__` is a key like any other. */
function emit(
  node: Json,
  at: Path,
  change: { readonly path: Path; readonly value: Json | undefined },
): string {
  if (same(at, change.path)) return change.value === undefined ? '' : JSON.stringify(change.value);
  if (Array.isArray(node)) {
    const items = node.map((item, index) => emit(item, [...at, index], change));
    return `[${items.filter((item) => item !== '').join(',')}]`;
  }
  if (!isMap(node)) return JSON.stringify(node);
  const keys = Object.keys(node);
  const added = same(at, change.path.slice(0, -1)) && !keys.includes(String(change.path.at(-1)));
  if (added && typeof change.path.at(-1) === 'string') keys.push(String(change.path.at(-1)));
  const members = keys.map((key) => [key, emit(node[key] ?? null, [...at, key], change)] as const);
  const present = members.filter(([, text]) => text !== '');
  const lines = present.map(([key, text]) => `${JSON.stringify(key)}: ${text}`);
  return at.length === 0 ? lines.join('\n') : `{ ${lines.join(', ')} }`;
}

function placesOf(node: Json, path: Path = []): Path[] {
  if (typeof node !== 'object' || node === null) return [path];
  const members = Array.isArray(node) ? [...node.entries()] : Object.entries(node);
  const below = members.flatMap(([key, member]) => placesOf(member, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function valueAt(path: Path): Json | undefined {
  let value: Json | undefined = WHOLE_SCENARIO;
  for (const key of path) value = (value as Record<string | number, Json>)[key];
  return value;
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(left: Path, right: Path): boolean {
  return left.length === right.length && left.every((key, index) => key === right[index]);
}
