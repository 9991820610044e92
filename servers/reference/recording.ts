import { RequestLog } from './request-log.ts';

/**
 * What was counted and logged since the start or the last reset. A reset replaces the whole object:
 * a request that was under way writes into the one under which it arrived, where nobody looks.
 */
export class Recording {
  readonly log: RequestLog = new RequestLog();
  requests = 0;
  /** Answers whose status line was handed to a socket, complete or not. */
  responses = 0;
  /** Requests whose client was gone when the answer was due. */
  abandoned = 0;
  readonly byStatus: Map<number, number> = new Map<number, number>();
  /** How many requests each `/fail-every/N` has seen. */
  readonly failEvery: Map<number, number> = new Map<number, number>();

  countResponse(status: number): void {
    this.responses++;
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
  }
}
