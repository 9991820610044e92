import { z } from 'zod';

const argv = z.array(z.string()).min(1);

/**
 * How to install, start, probe and stop a server: `servers/<name>/recipe.yaml`. In `command`, `env`
 * and addresses, `${PORT}`, `${HOST}`, `${NODE}` (the running Node), `${ENTRY}` (the compiled or source
 * form of `entry`), `${RECIPE_DIR}` and the names of `ports` are replaced. In `command` and `env`,
 * `${DATA}` is a folder that is made for the server's data and removed when it has ended: what it
 * holds is the server's disk use.
 */
export const recipeSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  description: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  entry: z.string().optional().meta({ description: 'A TypeScript file of our own to run.' }),
  install: z
    .strictObject({
      check: argv.meta({ description: 'Exits with 0 when everything is in place.' }),
      run: z.array(argv).min(1),
      note: z.string().optional(),
    })
    .optional(),
  command: argv,
  env: z.record(z.string(), z.string()).default({}),
  port: z.number().int().positive(),
  ports: z
    .record(z.string().regex(/^[A-Z_]+$/), z.number().int().positive())
    .default({})
    .meta({
      description: 'More ports that it needs, by their names in `${}`.',
    }),
  url: z.string(),
  urls: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.string())
    .default({})
    .meta({
      description: 'Its other addresses; a target asks for one as `server: <name>:<key>`.',
    }),
  ready: z
    .strictObject({
      path: z.string().optional().meta({ description: 'Answers with 2xx once it is ready.' }),
      output: z.string().min(1).optional().meta({
        description: 'What a line that it prints holds once it is ready, for servers without HTTP.',
      }),
      timeoutSeconds: z.number().positive(),
    })
    .refine(({ path, output }) => (path === undefined) !== (output === undefined), {
      error: 'either path or output',
    }),
  stop: z
    .strictObject({
      signal: z.enum(['SIGTERM', 'SIGINT']).default('SIGTERM'),
      graceSeconds: z.number().positive().default(10),
    })
    .default({ signal: 'SIGTERM', graceSeconds: 10 }),
  standsIn: z
    .strictObject({
      for: z.enum(['audit', 'calibrate']),
      drivers: argv,
    })
    .optional()
    .meta({ description: 'In which command it takes the place of any server of these drivers.' }),
  metrics: z.string().optional().meta({
    description: 'Path of its Prometheus metrics, or their whole address.',
  }),
});

export type Recipe = z.output<typeof recipeSchema> & { readonly folder: string };
