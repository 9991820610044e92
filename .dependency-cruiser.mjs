/** Levels 0 to 5: the rooms that the scenario composes, and those above it may use too. */
const BELOW_SCENARIO = [
  'base/',
  'data/',
  'measure/',
  'load/',
  'drivers/driver.ts',
  'drivers/registry.ts',
  'iteration/',
  'outputs/',
  'recipes/',
];

/**
 * Who may import whom (docs/architecture.md has the table with its reasons). Data flows down the
 * list of rooms and never back up; a room that is not named in an allow-list is refused.
 */
const ROOMS = {
  'base/errors': [],
  'base/time': ['base/errors'],
  'base/random': ['base/errors'],
  'base/expressions': ['base/errors'],
  data: ['base/'],
  'measure/metrics': ['base/'],
  'load/pacing': ['base/'],
  'drivers/wire': ['base/'],
  'drivers/driver.ts': ['base/', 'data/', 'measure/metrics/', 'load/pacing/', 'drivers/wire/'],
  'drivers/vocabulary': [
    'base/',
    'data/',
    'measure/metrics/',
    'load/pacing/',
    'drivers/wire/',
    'drivers/driver.ts',
  ],
  'measure/thresholds': ['base/', 'measure/metrics/'],
  'measure/statistics': ['base/', 'measure/metrics/'],
  iteration: [
    'base/',
    'data/',
    'measure/metrics/',
    'drivers/driver.ts',
    'load/executors/executor.ts',
    'load/pacing/share.ts',
  ],
  'load/executors': ['base/', 'measure/metrics/', 'load/pacing/'],
  'measure/monitors': ['base/', 'data/', 'measure/'],
  'measure/quality': ['base/', 'data/', 'measure/'],
  'measure/validity': ['base/', 'data/', 'measure/'],
  outputs: ['base/', 'measure/'],
  recipes: ['base/'],
  'drivers/registry.ts': ['drivers/driver.ts', 'drivers/[^/]+/index.ts'],
  scenario: BELOW_SCENARIO,
  results: [...BELOW_SCENARIO, 'scenario/'],
  'run/messages.ts': [
    'base/',
    'data/',
    'measure/',
    'load/',
    'drivers/driver.ts',
    'iteration/',
    'scenario/resolved.ts',
  ],
  'run/worker': [
    'base/',
    'data/',
    'measure/',
    'load/',
    'drivers/driver.ts',
    'drivers/registry.ts',
    'iteration/',
    'run/messages.ts',
    'scenario/(resolved|module).ts',
  ],
  'run/runner': [...BELOW_SCENARIO, 'scenario/', 'results/', 'run/messages.ts'],
  reports: ['base/', 'measure/', 'results/schema'],
  importers: ['base/'],
  launchers: ['base/', 'recipes/', 'scenario/', 'results/'],
};

const REASONS = {
  'base/errors': 'the error table stands below everything, so that every room can use it',
  'load/executors':
    'executors decide when a VU runs and call iterate(); one that knew a driver could not be tested without a protocol',
  iteration:
    'an iteration speaks to drivers through their contract only (and shares the types IterationStart and Share with its executor)',
  outputs:
    'a live output sees recorded counts and nothing else; what knew the runner or the results could hold a run up',
  reports:
    'a report is pure: a saved result in, text out; so any run can be reported again, offline',
  importers:
    'an importer makes text of text; what the driver takes is handed to it, so that it runs nothing',
  'run/worker':
    'main side and thread side meet only in run/messages.ts; a worker that knew the runner would drag the results and reports into every thread',
  'run/runner':
    'the runner knows of workers only the URL of their file; what crosses is plain data',
  scenario: 'the scenario composes the schemas that each room owns, and runs nothing',
};

const roomPattern = (room) => `^src/${room.replace('.', '\\.')}${room.endsWith('.ts') ? '$' : '/'}`;

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `room-${room.replace(/[^a-z]+/g, '-')}`,
  comment:
    REASONS[room] ?? `src/${room} may import only the rooms below it in docs/architecture.md`,
  severity: 'error',
  from: { path: roomPattern(room) },
  to: {
    path: '^(src|servers|bench|test|scripts)/',
    pathNot: [roomPattern(room), ...allowed.map((prefix) => `^src/${prefix}`)],
  },
}));

export default {
  forbidden: [
    ...roomRules,
    {
      name: 'no-circular',
      comment: 'two files that import each other cannot be understood, tested or moved apart',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'driver-knows-no-driver',
      comment:
        'a driver speaks one protocol; what two share belongs to drivers/wire or drivers/vocabulary',
      severity: 'error',
      from: { path: '^src/drivers/(?!wire/|vocabulary/)([^/]+)/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/base/',
          '^src/data/',
          '^src/measure/metrics/',
          '^src/drivers/(wire|vocabulary)/',
          '^src/drivers/driver\\.ts$',
          '^src/drivers/$1/',
        ],
      },
    },
    {
      name: 'registry-is-lazy',
      comment:
        'the registry imports drivers on demand, so that nobody loads a client they do not use',
      severity: 'error',
      from: { path: '^src/drivers/registry\\.ts$' },
      to: { path: '^src/drivers/[^/]+/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'servers-and-src-apart',
      comment:
        'reference servers share no code with what they judge: one bug must not hide on both sides',
      severity: 'error',
      from: { path: '^servers/' },
      to: { path: '^(src|test|bench|scripts)/' },
    },
    {
      name: 'src-knows-no-server',
      comment: 'servers are started as processes from recipes, never imported',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(servers|test|bench|scripts)/' },
    },
    {
      name: 'every-file-has-a-room',
      comment:
        'a file of src outside the rooms of docs/architecture.md has no rules: give it a room',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          ...Object.keys(ROOMS).map(roomPattern),
          '^src/drivers/[^/]+/',
          '^src/cli/',
          '^src/index\\.ts$',
        ],
      },
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      comment: 'an import that cannot be resolved fails at run time',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
