import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { formatProblem } from '../../../src/scenario/problem.ts';
import {
  checkScenario,
  type ScenarioReading,
  type ScenarioRequest,
} from '../../../src/scenario/resolve-scenario.ts';

/** A folder that is gone when the test is over. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes scenarios into a folder of their own and checks them. */
export class ScenarioFolder {
  readonly path: string;

  constructor(context: TestContext) {
    this.path = temporaryFolder(context);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  async check(text: string, options: Partial<ScenarioRequest> = {}): Promise<ScenarioReading> {
    this.write('scenario.yaml', text);
    return checkScenario({ ...this.request(), ...options });
  }

  /** Problems as they are printed, with the file left out: `3:5: load.vus: …`. */
  async problems(text: string, options: Partial<ScenarioRequest> = {}): Promise<string[]> {
    const { problems } = await this.check(text, options);
    return problems.map((problem) => formatProblem({ ...problem, file: '' }).slice(1));
  }

  request(): ScenarioRequest {
    return {
      file: join(this.path, 'scenario.yaml'),
      environment: {},
      surroundings: {
        recipes: ['embedding-node'],
        reportFormats: ['text', 'json', 'junit'],
        descriptorLimit: 1024,
      },
    };
  }
}

/** The least that is a scenario; `more` is put below it, at the outermost level. */
export function smallScenario(more = ''): string {
  return `version: 1
targets: { web: { driver: http, url: "http://127.0.0.1:8000" } }
steps: [{ name: get, request: { path: / } }]
load: { executor: constant-vus, vus: 2, duration: 10s }
${more}`;
}
