import { z } from 'zod';
import { hasPlaceholder } from '../../base/expressions/placeholders.ts';
import { PROTOCOLS } from '../vocabulary/postgres/sql-statements.ts';
import { PARAMETERS_LIMIT } from '../wire/postgres/frontend-messages.ts';
import { parameterCount, splitParameters } from '../wire/postgres/sql-text.ts';
import { tlsOptions } from '../wire/tls/tls-options.ts';
import { WORKLOAD_NAMES } from './workloads/registry.ts';

/** More would be a program and no transaction. */
const STATEMENTS_LIMIT = 100;
const RETRIES_LIMIT = 100;
const SCALE_LIMIT = 20_000;

const settingName = z.string().regex(/^[a-z][a-z0-9_.]*$/, 'the name of a setting');

/** Keys of a postgres target beside those that every target has. */
export const postgresTargetOptions = z.strictObject({
  protocol: z.enum(PROTOCOLS).default('prepared').meta({
    description:
      'simple: the values stand in the SQL; extended: SQL and values apart, parsed each time; prepared: parsed once a connection.',
  }),
  client: z.enum(['raw', 'sdk']).default('raw').meta({
    description:
      'raw: sockets of our own, which measure the server; sdk: pg, as an application would use it, one client a VU, measured around its calls.',
  }),
  settings: z
    .record(settingName, z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .meta({
      description:
        'Settings of each session, such as statement_timeout, search_path or application_name.',
    }),
  tls: tlsOptions.optional().meta({
    description:
      'Secures the connections; without it `?sslmode=require` or `verify-full` in the url does.',
  }),
});

const earlierValue = z.strictObject({
  from: z.string().meta({ description: 'The name of a statement before it.' }),
  column: z.string().meta({ description: 'The column of its rows.' }),
  row: z.int().min(0).default(0).meta({ description: 'Which row, counted from 0.' }),
});

const scalarValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const sqlText = z
  .string()
  .min(1)
  .refine(
    (sql) => !hasPlaceholder(sql),
    'no template: it would be another statement each time; write $1 and put the value into `bind`',
  );

const sqlKey = sqlText.meta({
  description: 'The statement, with $1, $2 and so on where values go.',
});

const bindDescription =
  'Values of $1, $2 and so on; a text that is one `{{ }}` keeps the type of its value, null is NULL.';

function checkBind(
  { sql, bind }: { readonly sql: string; readonly bind: readonly unknown[] },
  context: z.RefinementCtx,
): void {
  const wanted = parameterCount(splitParameters(sql));
  if (wanted === bind.length) return;
  const message = `${bind.length} values, and the statement has ${wanted} parameters`;
  context.addIssue({ code: 'custom', path: ['bind'], message });
}

/** The verb `query`. */
export const querySchema = z
  .strictObject({
    sql: sqlKey,
    bind: z
      .array(scalarValue)
      .max(PARAMETERS_LIMIT)
      .default([])
      .meta({ description: bindDescription }),
  })
  .superRefine(checkBind);

const statementSchema = z
  .strictObject({
    name: z.string().min(1).optional().meta({
      description: 'Under which later statements and `results` find its rows.',
    }),
    sql: sqlKey,
    bind: z
      .array(z.union([scalarValue, earlierValue]))
      .max(PARAMETERS_LIMIT)
      .default([])
      .meta({
        description: `${bindDescription} \`{ from: NAME, column: COLUMN }\` is a value that an earlier statement of the same transaction gave.`,
      }),
  })
  .superRefine(checkBind);

/** The verb `transaction`. */
export const transactionSchema = z
  .strictObject({
    statements: z.array(statementSchema).min(1).max(STATEMENTS_LIMIT).meta({
      description: 'What stands between BEGIN and COMMIT, in this order: `{ sql, bind, name }`.',
    }),
    isolation: z.enum(['read-committed', 'repeatable-read', 'serializable']).optional().meta({
      description: 'The isolation level; by default that of the server.',
    }),
    readOnly: z.boolean().default(false).meta({ description: 'The transaction only reads.' }),
    retries: z.int().min(0).max(RETRIES_LIMIT).default(0).meta({
      description:
        'How often it is begun again, at once and with the same values, after a serialisation failure or a deadlock.',
    }),
    pipeline: z.boolean().default(false).meta({
      description: 'Everything is sent at once, from BEGIN to COMMIT, in one round trip.',
    }),
  })
  .superRefine(({ statements, pipeline }, context) => {
    const known = new Set<string>();
    statements.forEach(({ name, bind }, index) => {
      bind.forEach((value, place) => {
        if (typeof value !== 'object' || value === null) return;
        const path = ['statements', index, 'bind', place];
        const message = pipeline
          ? 'a pipeline is sent before any row has come back'
          : `no statement before it is named ${value.from}`;
        if (pipeline || !known.has(value.from)) {
          context.addIssue({ code: 'custom', path, message });
        }
      });
      if (name === undefined) return;
      if (known.has(name)) {
        const path = ['statements', index, 'name'];
        context.addIssue({ code: 'custom', path, message: `${name} is there already` });
      }
      known.add(name);
    });
  });

/** The verb `copy`. */
export const copySchema = z
  .strictObject({
    table: z.string().min(1).meta({ description: 'The table, as it stands in SQL.' }),
    columns: z.array(z.string().min(1)).min(1).meta({ description: 'Its columns, in this order.' }),
    rows: z.union([z.string(), z.array(z.array(scalarValue).min(1)).min(1)]).meta({
      description:
        'Lists of values, or one `{{ }}` that gives such lists. Values that are lists, as those of data with `batch` are, stand for as many rows.',
    }),
  })
  .superRefine(({ columns, rows }, context) => {
    if (typeof rows === 'string') return;
    rows.forEach(({ length }, index) => {
      if (length === columns.length) return;
      const message = `${length} values for ${columns.length} columns`;
      context.addIssue({ code: 'custom', path: ['rows', index], message });
    });
  });

const workloadKey = z.enum(WORKLOAD_NAMES).meta({ description: 'A built-in workload.' });
const scaleKey = z.int().min(1).max(SCALE_LIMIT).default(1).meta({
  description: 'How large its tables are; for the pgbench ones 100,000 accounts each.',
});

/** The verbs `initialize` and `workload`. */
export const workloadSchema = z.strictObject({ workload: workloadKey, scale: scaleKey });
/** The verb `dropWorkload`. */
export const dropWorkloadSchema = z.strictObject({ workload: workloadKey });

export type PostgresTargetOptions = z.output<typeof postgresTargetOptions>;
export type QuerySpec = z.output<typeof querySchema>;
export type StatementSpec = z.output<typeof statementSchema>;
export type TransactionSpec = z.output<typeof transactionSchema>;
export type CopySpec = z.output<typeof copySchema>;
export type WorkloadSpec = z.output<typeof workloadSchema>;
export type BindValue = StatementSpec['bind'][number];
