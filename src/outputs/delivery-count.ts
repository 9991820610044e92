/** Everything that was accepted has been delivered or dropped once an output is closed. */
export interface OutputAccount {
  /** `otlp`, `csv`, … */
  readonly name: string;
  /** What is counted: `exports`, `rows`, … */
  readonly unit: string;
  readonly accepted: number;
  readonly delivered: number;
  readonly dropped: number;
  /** Why the last of them was dropped. */
  readonly lastError: string | null;
}

const LONGEST_ERROR = 200;

/** Keeps the account of one output. */
export class DeliveryCount implements OutputAccount {
  readonly name: string;
  readonly unit: string;
  accepted = 0;
  delivered = 0;
  dropped = 0;
  lastError: string | null = null;

  constructor(name: string, unit: string) {
    this.name = name;
    this.unit = unit;
  }

  drop(reason: unknown, count = 1): void {
    if (count === 0) return;
    this.dropped += count;
    this.lastError = wordsOf(reason).slice(0, LONGEST_ERROR);
  }

  /** As plain data at this moment. */
  snapshot(): OutputAccount {
    const { name, unit, accepted, delivered, dropped, lastError } = this;
    return { name, unit, accepted, delivered, dropped, lastError };
  }
}

/** `fetch failed` alone says nothing: its cause does. Codes are enough where there is one. */
function wordsOf(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const cause: unknown = reason.cause;
  if (cause instanceof Error) return wordsOf(cause);
  const code = 'code' in reason && typeof reason.code === 'string' ? `${reason.code}: ` : '';
  return `${code}${reason.message}`;
}
