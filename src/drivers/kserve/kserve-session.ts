import type { Session } from '../driver.ts';

/** What becomes tensors of the answers of a session, whichever protocol brings them. */
interface Answers {
  /** Forgets the answers of the operation before. */
  clear(): void;
}

/** A session of a protocol's client whose answers are tensors. */
export class KserveSession implements Session {
  readonly #inner: Session;
  readonly #answers: Answers;
  readonly result: Readonly<Record<string, unknown>>;

  constructor(inner: Session, answers: Answers, result: Readonly<Record<string, unknown>>) {
    this.#inner = inner;
    this.#answers = answers;
    this.result = result;
  }

  get usable(): boolean {
    return this.#inner.usable;
  }

  connect(): Promise<boolean> {
    return this.#inner.connect();
  }

  execute(request: unknown, slot: number, ended: () => void): void {
    this.#answers.clear();
    this.#inner.execute(request, slot, ended);
  }

  abort(slot: number, outcome: number): void {
    this.#inner.abort(slot, outcome);
  }

  close(): void {
    this.#inner.close();
  }
}
