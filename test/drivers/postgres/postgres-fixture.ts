import { after, before, type TestContext } from 'node:test';
import { Client } from 'pg';
import { driver } from '../../../src/drivers/postgres/index.ts';
import { DriverBench, type StepOptions } from '../../support/driver-bench.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts';

/** A server for all tests of a `describe`, and a client of pg that looks at it from outside. */
export class PostgresWorld {
  server!: PostgresServer;
  admin!: Client;

  constructor(...options: readonly string[]) {
    before(async () => {
      this.server = await startPostgres(...options);
      this.admin = new Client({ connectionString: this.server.url });
      this.admin.on('error', () => {});
      await this.admin.connect();
    });
    after(async () => {
      await this.admin.end();
      await this.server.stop();
    });
  }

  /** The rows that pg reads. */
  async rows(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.admin.query<Record<string, unknown>>(sql, values)).rows;
  }

  async bench(
    context: TestContext,
    options: Readonly<Record<string, unknown>> = {},
    url: string = this.server.url,
  ): Promise<DriverBench> {
    const bench = await DriverBench.of(driver, { url, options });
    context.after(() => bench.close());
    return bench;
  }
}

/** A step that runs one statement. */
export function query(
  sql: string,
  bind: readonly unknown[] = [],
  options: Partial<StepOptions> = {},
): StepOptions {
  return { verb: 'query', spec: { sql, bind }, reads: ['rows'], ...options };
}

/** What a session answered last, in the words of the language. */
export interface Answer {
  readonly rows?: readonly Readonly<Record<string, unknown>>[];
  readonly results?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly rowCount?: number;
  readonly code?: string;
  readonly message?: string;
}
