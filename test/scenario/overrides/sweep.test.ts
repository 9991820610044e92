import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLineOverride } from '../../../src/scenario/overrides/command-line.ts';
import { choosePoints, MAX_TRIALS, readSweep } from '../../../src/scenario/overrides/sweep.ts';
import { mergeOverride } from '../../../src/scenario/overrides/merge.ts';
import { parseYaml } from '../../../src/scenario/source/parse-yaml.ts';
import { type SourceMap, toValue } from '../../../src/scenario/source/source-node.ts';

const BASE = `
params: { tokens: 128 }
load: { executor: shared-iterations, vus: 1, iterations: 1000 }
sweep:
  params.tokens: [32, 512]
  level:
    low: { load.vus: 4, load.iterations: 5000 }
    high: { load.vus: 64 }
`;

/** Trials as `axes → load.vus/load.iterations/tokens`, the way a run would see them. */
function trials(text: string, set: readonly string[] = []) {
  const base = parseYaml(text).root as SourceMap;
  const chosen = choosePoints(base, commandLineOverride({ set, targets: [] }).override);
  const { merged } = mergeOverride(chosen.base, chosen.commandLine);
  const sweep = readSweep(merged, chosen.commandLine, base);
  const shown = sweep.points.map(({ axes, overrides }) => {
    const root = overrides.reduce((under, over) => mergeOverride(under, over).merged, merged);
    const { load, params } = toValue(root) as {
      load: { vus: number; iterations: number };
      params: { tokens: number };
    };
    return { axes, load: [load.vus, load.iterations], tokens: params.tokens };
  });
  const { axes } = sweep;
  return {
    shown,
    axes,
    problems: [...chosen.problems, ...sweep.problems].map(({ message }) => message),
  };
}

test('axes multiply in the order in which they are listed, the last one fastest', () => {
  assert.deepEqual(trials(BASE).shown, [
    { axes: { 'params.tokens': 32, level: 'low' }, load: [4, 5000], tokens: 32 },
    { axes: { 'params.tokens': 32, level: 'high' }, load: [64, 1000], tokens: 32 },
    { axes: { 'params.tokens': 512, level: 'low' }, load: [4, 5000], tokens: 512 },
    { axes: { 'params.tokens': 512, level: 'high' }, load: [64, 1000], tokens: 512 },
  ]);
});

test('a setting on a swept path leaves that value as the only one of the axis', () => {
  assert.deepEqual(trials(BASE, ['params.tokens=64', 'level=low']).shown, [
    { axes: { 'params.tokens': 64, level: 'low' }, load: [4, 5000], tokens: 64 },
  ]);
});

test('a setting on a path that named points set removes their axis', () => {
  assert.deepEqual(trials(BASE, ['load.vus=8', 'params.tokens=64']).shown, [
    { axes: { 'params.tokens': 64 }, load: [8, 1000], tokens: 64 },
  ]);
  assert.equal(trials(BASE, ['load.gracefulStop=1s']).shown.length, 4);
});

test('a point that is not there is refused with the nearest one', () => {
  assert.deepEqual(trials(BASE, ['level=lo']).problems, ['the axis level has no point called lo']);
});

test('without a sweep there is one trial with no axes', () => {
  const { shown } = trials('{ load: { vus: 1, iterations: 2 }, params: { tokens: 3 } }');
  assert.deepEqual(shown, [{ axes: {}, load: [1, 2], tokens: 3 }]);
});

test('axes that are none are refused, each where it stands', () => {
  const problems = (sweep: string) => trials(`{ load: {}, params: {}, sweep: ${sweep} }`).problems;
  assert.match(problems('[1]')[0]!, /a map of axes/);
  assert.match(problems('{ a: 3 }')[0]!, /a list of values, or a map/);
  assert.match(problems('{ a: [] }')[0]!, /a list of values, or a map/);
  assert.match(problems('{ a: {} }')[0]!, /no points/);
  assert.match(problems('{ a: [[1]] }')[0]!, /named points/);
  assert.match(problems('{ a: [1, 1] }')[0]!, /twice/);
  assert.match(problems('{ a: { x: 3 } }')[0]!, /like a profile/);
  assert.match(problems('{ a: { "../x": {} } }')[0]!, /named with letters/);
  assert.match(problems('{ a.b: { x: {} } }')[0]!, /label/);
  assert.match(problems('{ name: [a, b] }')[0]!, /cannot be changed here/);
  assert.match(
    problems('{ a: { x: { load.vus: 1 } }, load.vus: [1, 2] }')[0]!,
    /both set load\.vus/,
  );
});

test('a sweep of too many trials is refused before it is multiplied', () => {
  const values = `[${Array.from({ length: 200 }, (_, index) => index).join(', ')}]`;
  const { shown, problems } = trials(
    `{ load: {}, params: {}, sweep: { a: ${values}, b: ${values}, c: ${values} } }`,
  );
  assert.deepEqual(shown, []);
  assert.deepEqual(problems, [`8000000 trials; the limit is ${MAX_TRIALS}`]);
});
