import type { Exchange } from '../exchange.ts';

/** What the server does with a request once its service time is over. */
export interface Behaviour {
  /** The answer needs the request's body: it leaves when it is due and the body is there. */
  readonly readsBody?: boolean;
  /** `?ms=` means something else here than the service time. */
  readonly ownMs?: boolean;
  /** Sends the answer, or whatever comes in place of one. */
  answer(exchange: Exchange): void;
}
