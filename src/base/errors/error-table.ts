import type { EXIT_CODES } from './exit-codes.ts';

/**
 * Every error that loadgen can end with. `message` says what and where (`{name}` is filled in),
 * `hint` says what to do. `docs/errors.md` is generated from this table and a test keeps it fresh.
 */
export interface ErrorRow {
  readonly exit: keyof typeof EXIT_CODES;
  readonly message: string;
  readonly hint: string;
}

export const ERROR_TABLE = {
  // Scenario and command line
  SCENARIO_NOT_FOUND: {
    exit: 'configuration',
    message: 'The scenario file {file} cannot be read: {reason}.',
    hint: 'Check the path; paths are relative to the current folder.',
  },
  SCENARIO_INVALID: {
    exit: 'configuration',
    message: '{count} in {file}:\n{problems}',
    hint: 'Correct the lines named above; docs/scenario.md lists every key.',
  },
  OPTION_INVALID: {
    exit: 'configuration',
    message: 'The option {option} has the value {value}; expected {expected}.',
    hint: 'See `loadgen {command} --help`.',
  },
  ENVIRONMENT_MISSING: {
    exit: 'configuration',
    message: 'The scenario uses ${{name}} at {path}, and the environment has no such variable.',
    hint: 'Set it, or write ${{name}:-default} in the scenario.',
  },
  IMPORT_NOT_POSSIBLE: {
    exit: 'configuration',
    message: 'No scenario can be made of {source}: {reason}.',
    hint: 'docs/importing.md says what is read of curl commands, HAR files and OpenAPI documents.',
  },
  SCENARIO_NOT_WRITTEN: {
    exit: 'configuration',
    message: 'The scenario cannot be written to {file}: {reason}.',
    hint: 'Name another file with --output; what is there is never overwritten.',
  },
  // Data
  DATA_NOT_READABLE: {
    exit: 'configuration',
    message: 'The data file {file} of feeder "{feeder}" cannot be read: {reason}.',
    hint: 'Data files are relative to the scenario file.',
  },
  DATA_NOT_USABLE: {
    exit: 'configuration',
    message: 'The feeder "{feeder}" cannot make its rows from {source}: {reason}.',
    hint: 'docs/scenario.md lists the keys and limits of `data`.',
  },
  DATA_EMPTY: {
    exit: 'configuration',
    message: 'The feeder "{feeder}" has no rows ({source}).',
    hint: 'Give it at least one row, or check `skip` and `rows`.',
  },
  DATASET_NOT_READABLE: {
    exit: 'configuration',
    message: 'The data set {file} cannot be read: {reason}.',
    hint: 'Data sets of a scenario are relative to its file.',
  },
  DATASET_NOT_USABLE: {
    exit: 'configuration',
    message: 'The data set {file} cannot be used: {reason}.',
    hint: '`loadgen dataset inspect {file}` shows what it holds; docs/datasets.md lists the formats.',
  },
  DATASET_NOT_WRITTEN: {
    exit: 'configuration',
    message: 'The data set cannot be written to {file}: {reason}.',
    hint: 'Name another file; what is there is never overwritten.',
  },
  TEMPLATE_FAILED: {
    exit: 'configuration',
    message: 'The template {template} of step "{step}" failed on row {row}: {reason}.',
    hint: 'Check the field names and the values of that row.',
  },
  // Limits of this machine
  TOO_MANY_CONNECTIONS: {
    exit: 'configuration',
    message: 'The scenario needs {needed} connections, and this process may open {limit} files.',
    hint: 'Raise the limit (`ulimit -n {suggested}`) or lower vus, maxInFlight or connections.',
  },
  TOO_MANY_SERIES: {
    exit: 'configuration',
    message: 'The scenario needs {count} series, and the limit is {limit}.',
    hint: 'Use fewer steps, tag values or buckets.',
  },
  // Targets and servers
  TARGET_UNREACHABLE: {
    exit: 'targetUnreachable',
    message: 'The target "{target}" at {url} cannot be reached: {reason}.',
    hint: 'Start the server, or name another one with --target {target}=URL.',
  },
  TARGET_NOT_USABLE: {
    exit: 'configuration',
    message: 'The target "{target}" cannot be used: {reason}.',
    hint: 'docs/scenario.md lists the keys of targets; files are relative to the scenario file.',
  },
  SERVER_NOT_STARTED: {
    exit: 'serverNotStarted',
    message: 'The server "{server}" of target "{target}" did not start: {reason}.',
    hint: 'Its last output stands above; servers/{server}/README.md says how to start it by hand.',
  },
  RECIPE_UNKNOWN: {
    exit: 'configuration',
    message: 'There is no server recipe called "{server}".',
    hint: 'Known recipes: {known}.',
  },
  RECIPE_INVALID: {
    exit: 'configuration',
    message: 'The recipe {file} is not valid: {problems}.',
    hint: 'docs/recipes.md lists the keys of a recipe.',
  },
  NO_STAND_IN: {
    exit: 'configuration',
    message: 'loadgen has no server that could stand in for those of the driver {driver}.',
    hint: 'loadgen {command} works with scenarios of these drivers: {known}.',
  },
  NOT_CALIBRATED: {
    exit: 'runInvalid',
    message: 'The ceiling could not be measured: {reason}.',
    hint: 'A run of the scenario against a server of its own shows whether its requests can be made.',
  },
  CALIBRATION_INTERRUPTED: {
    exit: 'interrupted',
    message: 'The calibration was interrupted; nothing of it is kept.',
    hint: 'What an earlier one had measured is still there.',
  },
  // Before and behind the load
  PREPARE_FAILED: {
    exit: 'prepareFailed',
    message: 'The prepare step "{step}" failed: {reason}.',
    hint: 'Nothing was measured. `loadgen prepare FILE` runs these steps alone; `onFail: continue` lets one fail.',
  },
  CLEANUP_FAILED: {
    exit: 'cleanUpFailed',
    message: 'The cleanUp step "{step}" failed: {reason}.',
    hint: 'What was measured is kept. Clean up with `loadgen cleanup FILE`, or by hand, before the next run.',
  },
  PREPARATION_NOT_POSSIBLE: {
    exit: 'configuration',
    message: '`loadgen {command}` cannot be run: {reason}.',
    hint: '{remedy}.',
  },
  // Several machines
  SHARD_NOT_POSSIBLE: {
    exit: 'configuration',
    message: 'Shard {shard} cannot be run: {reason}.',
    hint: '{remedy}.',
  },
  START_PASSED: {
    exit: 'configuration',
    message: 'The start {time} is {late} s in the past.',
    hint: 'Give --start-at a later time, and check that the clocks of the machines agree.',
  },
  MERGE_NOT_POSSIBLE: {
    exit: 'configuration',
    message: 'The results cannot be merged: {reason}.',
    hint: 'Merge the shards of one run: one scenario, seed and set of options, --shard 1/N to N/N.',
  },
  // Answers
  EXACT_INDEX_WRONG: {
    exit: 'runInvalid',
    message:
      'The index that step "{step}" searches is exact, and {metric} of the answer to iteration {iteration} is {value}: {reason}.',
    hint: 'Compare ids, metric and rows of the collection with the data set that the truth is over; `exact: false` on the step says that the index is not exact.',
  },
  SETTING_WITHOUT_EFFECT: {
    exit: 'runInvalid',
    message:
      'The setting {setting} had no effect: with {low} and with {high} step "{step}" was answered the same to all of {queries} queries, and {metric} is {mean}.',
    hint: 'The server or its index does not take the setting where the scenario gives it: set it where the index is made, or reload the index, so that trials differ.',
  },
  // Results
  RESULTS_NOT_WRITABLE: {
    exit: 'resultsNotWritable',
    message: 'The results cannot be written to {path}: {reason}.',
    hint: 'Free space there, check its permissions, or choose another folder with --results DIR.',
  },
  OUTPUT_NOT_OPENED: {
    exit: 'configuration',
    message: 'The output {output} cannot be opened: {reason}.',
    hint: 'Give another address or file under `outputs`, or leave it out with --set outputs=null.',
  },
  RESULT_NOT_READABLE: {
    exit: 'configuration',
    message: '{path} is not a readable result folder: {reason}.',
    hint: 'Give the folder of a run or of one of its trials, as `loadgen run` prints it.',
  },
  BASELINE_NOT_USABLE: {
    exit: 'configuration',
    message: 'The baseline {path} cannot be compared with: {reason}.',
    hint: 'Give a good run of the same scenario, profiles, seed and settings; urls may differ.',
  },
  // Ends of a run
  INTERRUPTED: {
    exit: 'interrupted',
    message: 'The run was interrupted; what had been measured is in {path}.',
    hint: 'A second Ctrl+C stops without waiting for the answers that are still open.',
  },
  WORKER_LOST: {
    exit: 'runInvalid',
    message: 'Worker {worker} ended before the run did: {reason}.',
    hint: 'The other workers’ results are kept; repeat the run.',
  },
  ACCOUNT_NOT_BALANCED: {
    exit: 'bug',
    message: 'The account of the run does not balance: {identity}.',
    hint: 'This is a bug in loadgen; please report it with the result folder.',
  },
  BUG: {
    exit: 'bug',
    message: 'loadgen failed: {reason}.',
    hint: 'This is a bug in loadgen; please report it. --debug prints the stack.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERROR_TABLE;
