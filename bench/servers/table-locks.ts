import { Client } from 'pg';
import { randomStream, randomUniform } from '../../src/base/random/counter-random.ts';

const SHORTEST_SECONDS = 0.08;
const LONGEST_SECONDS = 0.12;
const PERIOD_SECONDS = 1;

/**
 * Locks pgbench's accounts once a second for 80 to 120 ms until it is closed, so that whoever
 * selects from them waits for the server, and not for itself: what is late and what is skipped then
 * hangs on the moments that a client plans for and on how it counts.
 */
export class TableLocks {
  readonly #client: Client;
  readonly #ended: Promise<void>;
  #closed = false;

  private constructor(client: Client, seed: number) {
    this.#client = client;
    this.#ended = this.#run(seed);
  }

  /** Every seed has locks of other lengths. */
  static async start(url: string, seed: number): Promise<TableLocks> {
    const client = new Client({ connectionString: url });
    await client.connect();
    return new TableLocks(client, seed);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#ended;
    await this.#client.end();
  }

  async #run(seed: number): Promise<void> {
    const stream = randomStream(seed, 'locks');
    // No lock straddles the beginning or the end of a run of whole seconds that begins now.
    await this.#client.query('SELECT pg_sleep($1)', [PERIOD_SECONDS / 2]);
    for (let lock = 0; !this.#closed; lock++) {
      const share = randomUniform(stream, lock);
      const seconds = SHORTEST_SECONDS + share * (LONGEST_SECONDS - SHORTEST_SECONDS);
      await this.#client.query('BEGIN');
      await this.#client.query('LOCK TABLE pgbench_accounts IN ACCESS EXCLUSIVE MODE');
      await this.#client.query('SELECT pg_sleep($1)', [seconds]);
      await this.#client.query('COMMIT');
      await this.#client.query('SELECT pg_sleep($1)', [PERIOD_SECONDS - seconds]);
    }
  }
}
