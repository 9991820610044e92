import { compileTemplate } from '../base/expressions/compile-template.ts';
import { hasPlaceholder } from '../base/expressions/placeholders.ts';
import type { DriverDefinition } from '../drivers/driver.ts';
import type { StepPlan } from '../iteration/step-schema.ts';
import type { ResolvedFlow, ResolvedTarget, ResolvedTrial } from './resolved.ts';

/** A trial for a server that answers whatever it is asked, and in which points it is another one. */
export interface StandInTrial {
  readonly trial: ResolvedTrial;
  readonly changes: readonly string[];
}

/**
 * The trial without what needs a true answer: expectations, extractions and counts of items, steps
 * whose requests are made of earlier answers, and thresholds. Requests, data and load stay.
 */
export function withoutAnswers(trial: ResolvedTrial): StandInTrial {
  const steps = trial.flows.flatMap((flow) => flow.steps);
  const dependent = steps.filter(readsAnswers);
  const checked = steps.filter(({ expect }) => expect.length > 0).length;
  const extracting = steps.filter(({ extract }) => Object.keys(extract).length > 0).length;
  const changes = [
    ...dependent.map(({ name }) => `step ${name} is left out: it is made of an earlier answer`),
    ...(checked > 0 ? [`answers are not checked (expect of ${stepsOf(checked)})`] : []),
    ...(extracting > 0 ? [`nothing is extracted (extract of ${stepsOf(extracting)})`] : []),
    ...(trial.flows.some(({ program }) => program !== undefined)
      ? ['conditions, choices, think times and polls are left out: every step is sent once']
      : []),
    ...((trial.prepare ?? trial.cleanUp) === undefined
      ? []
      : ['nothing is prepared, and nothing cleaned up']),
    ...(trial.thresholds.length > 0 ? ['thresholds are not judged'] : []),
  ];
  const flows = trial.flows
    .map((flow): ResolvedFlow => {
      const { program: _, ...plain } = flow;
      const kept = flow.steps.filter((step) => !readsAnswers(step));
      return { ...plain, steps: kept.map(unchecked) };
    })
    .filter((flow) => flow.steps.length > 0);
  const { prepare: _, cleanUp: __, ...load } = trial;
  return { trial: { ...load, flows, thresholds: [] }, changes };
}

/** Options of targets, whatever the driver, by which traffic goes elsewhere than the url says. */
const LEADING_KEYS = ['dns', 'proxy', 'sourceAddresses'];

/** The trial with the address of its stand-in for each target in use, and without their labels. */
export function aimedAt(
  trial: ResolvedTrial,
  urlOf: (target: ResolvedTarget) => string,
): StandInTrial {
  const targets: Record<string, ResolvedTarget> = {};
  const changes: string[] = [];
  const used = new Set(trial.flows.flatMap(({ steps }) => steps.map((step) => step.target)));
  // Neither is its own server started or looked at.
  for (const [key, { server: _, monitor: __, ...target }] of Object.entries(trial.targets)) {
    if (!used.has(key)) continue;
    const own = URL.parse(target.url);
    const standIn = new URL(urlOf(target));
    if (own !== null && own.protocol !== standIn.protocol) {
      changes.push(
        `target ${key} is reached by ${standIn.protocol}// and not by ${own.protocol}//`,
      );
    }
    if (own !== null) [standIn.pathname, standIn.search] = [own.pathname, own.search];
    const led = LEADING_KEYS.filter((option) => target.options[option] !== undefined);
    for (const option of led)
      changes.push(`target ${key} goes without ${option}: it is on loopback`);
    const others = Object.entries(target.options).filter(([name]) => !led.includes(name));
    targets[key] = {
      ...target,
      url: standIn.href.replace(/\/$/, ''),
      options: Object.fromEntries(others),
      // Labels name the framework that is measured: a stand-in is none of them.
      labels: {},
    };
  }
  return { trial: { ...trial, targets }, changes };
}

/**
 * The trial with requests that say which they are, as `lane/iteration`: lanes count the steps of
 * all flows. Undefined where a verb has no place for that, and where a flow is a program.
 */
export function withMarks(
  trial: ResolvedTrial,
  definitions: ReadonlyMap<string, DriverDefinition>,
): ResolvedTrial | undefined {
  let lane = 0;
  const flows: ResolvedFlow[] = [];
  for (const flow of trial.flows) {
    // Polls send a request several times, and tags out of data have lanes of their own.
    if (flow.program !== undefined) return undefined;
    const steps: StepPlan[] = [];
    for (const step of flow.steps) {
      const verb = definitions.get(step.driver)?.verbs[step.verb];
      if (verb?.marked === undefined) return undefined;
      steps.push({ ...step, spec: verb.marked(step.spec, `${lane++}/{{ iteration.id }}`) });
    }
    flows.push({ ...flow, steps });
  }
  return { ...trial, flows };
}

function unchecked(step: StepPlan): StepPlan {
  const { items: _, poll: _p, record: _r, dataTags: _t, checkShare: _c, score: _s, ...rest } = step;
  return { ...rest, expect: [], extract: {} };
}

function readsAnswers({ spec }: StepPlan): boolean {
  return textsOf(spec).some((text) => {
    return (
      hasPlaceholder(text) && compileTemplate(text, 'text', { roots: 'any' }).reads.has('steps')
    );
  });
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

function stepsOf(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`;
}
