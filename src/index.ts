/**
 * The public API: what `loadgen run` does, for programs. `resolveScenario` reads a file,
 * `openRunFolder` makes the result folder, `runScenario` runs the trials and writes them, and
 * `readResult` reads any saved folder back.
 */
export { systemClock, type Clock } from './base/time/clock.ts';
export { LoadgenError } from './base/errors/loadgen-error.ts';
export { EXIT_CODES, type ExitCode } from './base/errors/exit-codes.ts';
export { openRunFolder, type RunFolder } from './results/run-folder.ts';
export { readResult } from './results/read/read-result.ts';
export type { Result } from './results/schema/result.ts';
export { runScenario, type RunParts, type RunSummary } from './run/runner/run-scenario.ts';
export { StopRequests } from './run/runner/stop-requests.ts';
export type { RunObserver } from './run/runner/observer.ts';
export { resolveScenario, type ScenarioRequest } from './scenario/resolve-scenario.ts';
export type { ResolvedScenario, ResolvedTrial } from './scenario/resolved.ts';
