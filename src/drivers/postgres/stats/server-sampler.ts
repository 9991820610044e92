import { Client } from 'pg';
import type { ServerSampler, ServerStatsContext } from '../../driver.ts';
import { clientConfig } from '../sdk/client-config.ts';
import { STATS_QUERIES } from './server-metrics.ts';

/** From when on there are pg_stat_wal and pg_stat_io, as server_version_num has it. */
const FIRST_WITH_WAL = 140_000;
const FIRST_WITH_IO = 160_000;

/**
 * Asks a server for its own statistics over a connection of its own. Each sample is four statements
 * at most, which count among the server's transactions.
 */
export class PostgresSampler implements ServerSampler {
  readonly #context: ServerStatsContext;
  #client: Client | undefined;
  #queries: readonly string[] = [];

  constructor(context: ServerStatsContext) {
    this.#context = context;
  }

  /** Rejects where the server cannot be asked; the next sample then connects anew. */
  async sample(): Promise<Readonly<Record<string, number>>> {
    const client = await this.#connected();
    const samples: Record<string, number> = {};
    for (const query of this.#queries) {
      const { rows } = await client.query<Record<string, number | null>>(query);
      for (const [name, value] of Object.entries(rows[0] ?? {})) samples[name] = value ?? 0;
    }
    return samples;
  }

  close(): void {
    this.#client?.end().catch(() => {});
    this.#client = undefined;
  }

  async #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    const client = new Client(clientConfig(this.#context));
    const forget = (): void => {
      if (this.#client === client) this.#client = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    await client.connect();
    const { rows } = await client.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    const version = rows[0]!.version;
    this.#queries = [
      STATS_QUERIES.database,
      STATS_QUERIES.activity,
      ...(version >= FIRST_WITH_WAL ? [STATS_QUERIES.wal] : []),
      ...(version >= FIRST_WITH_IO ? [STATS_QUERIES.inputOutput] : []),
    ];
    this.#client = client;
    return client;
  }
}
