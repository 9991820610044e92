import { ExpressionError } from '../../base/expressions/expression-error.ts';
import type { Scope } from '../../base/expressions/template.ts';
import { NS_PER_MS } from '../../base/time/clock.ts';
import type { PreparedOperation, VerbUse } from '../driver.ts';
import type {
  PostgresOperation,
  PostgresRequest,
} from '../vocabulary/postgres/postgres-operation.ts';
import { copyRow } from '../wire/postgres/copy-text.ts';
import { NO_STORE } from '../wire/postgres/exchange.ts';
import { COPY_DONE, copyData, simpleQuery } from '../wire/postgres/frontend-messages.ts';
import { utf8Bytes } from '../wire/postgres/byte-text.ts';
import { quotedName } from '../wire/postgres/sql-text.ts';
import { bytesOf, compileAnyValue } from './bind-values.ts';
import type { CopySpec } from './postgres-config.ts';

type Rows = readonly (readonly unknown[])[];

/**
 * Rows through COPY. Everything is sent at once: a server that refuses the statement lets the rows
 * that follow it go unread (PostgreSQL documentation, "COPY Operations").
 */
export function prepareCopy(use: VerbUse): PreparedOperation {
  const spec = use.spec as CopySpec;
  const { table, columns } = spec;
  const names = columns.map(quotedName).join(', ');
  const begin = simpleQuery(utf8Bytes(`COPY ${table} (${names}) FROM STDIN`));
  const operation: PostgresOperation = {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    exchanges: [{ uses: [{ prepared: undefined, store: NO_STORE }], isSimple: true, copies: true }],
    retries: 0,
    isTransaction: false,
    resultStore: NO_STORE,
    namedStores: {},
  };
  const read = compileRows(spec, use);
  return {
    bind(scope: Scope): PostgresRequest {
      let rows = '';
      for (const row of read(scope)) {
        rows += copyRow(row.map((value, index) => bytesOf(value, columns[index]!)));
      }
      return { operation, payloads: [begin + copyData(rows) + COPY_DONE] };
    },
  };
}

function compileRows({ rows, columns }: CopySpec, use: VerbUse): (scope: Scope) => Rows {
  if (typeof rows === 'string') {
    const read = use.value(rows);
    return (scope) => checkedRows(read(scope), rows, columns.length);
  }
  const lists = rows.map((row) => row.map((value) => compileAnyValue(value, use)));
  const texts = rows.map((row) => row.join(', '));
  return (scope) =>
    lists.flatMap((row, index) =>
      spread(
        row.map((read) => read(scope)),
        texts[index]!,
      ),
    );
}

/** Values that are lists stand for as many rows; the others are the same in each of them. */
function spread(values: readonly unknown[], text: string): Rows {
  const lists = values.filter((value) => Array.isArray(value));
  if (lists.length === 0) return [values];
  const { length } = lists[0]!;
  if (lists.some((list) => list.length !== length)) {
    throw new ExpressionError('lists of different lengths are no rows', { text });
  }
  return Array.from({ length }, (_, row) =>
    values.map((value): unknown => (Array.isArray(value) ? value[row] : value)),
  );
}

function checkedRows(value: unknown, text: string, width: number): Rows {
  if (!Array.isArray(value)) throw new ExpressionError('expected a list of rows', { text });
  return value.map((row: unknown): readonly unknown[] => {
    if (Array.isArray(row) && row.length === width) return row;
    throw new ExpressionError(`expected rows of ${width} values each`, { text });
  });
}
