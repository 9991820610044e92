import type { Failing } from '../options.ts';
import type { Behaviour } from './behaviour.ts';
import { echo, embed } from './body-readers.ts';
import {
  closeBeforeAnswer,
  closeMidBody,
  garbage,
  garbageAfterHeaders,
  pipelinedExtra,
  reset,
  silence,
} from './broken-answers.ts';
import { bytes, chunked, closeDelimited, drip, slowHeaders } from './streamed-answers.ts';
import {
  die,
  earlyHints,
  failEvery,
  fixed,
  hugeHeader,
  json,
  noContent,
  notModified,
  status,
} from './whole-answers.ts';

/** By the first segment of the path. */
const behaviours: ReadonlyMap<string, Behaviour> = new Map<string, Behaviour>([
  ['', fixed],
  ['fixed', fixed],
  ['echo', echo],
  ['json', json],
  ['status', status],
  ['bytes', bytes],
  ['chunked', chunked],
  ['close-delimited', closeDelimited],
  ['close-mid-body', closeMidBody],
  ['close-before-answer', closeBeforeAnswer],
  ['reset', reset],
  ['garbage', garbage],
  ['garbage-after-headers', garbageAfterHeaders],
  ['silence', silence],
  ['early-hints', earlyHints],
  ['no-content', noContent],
  ['not-modified', notModified],
  ['slow-headers', slowHeaders],
  ['drip', drip],
  ['huge-header', hugeHeader],
  ['pipelined-extra', pipelinedExtra],
  ['fail-every', failEvery],
  ['die', die],
  ['embed', embed],
]);

const notFound: Behaviour = {
  answer: (exchange) => exchange.answerJson(404, { error: 'there is nothing at this path' }),
};

/** What answers a request in an audit, whatever its path. */
export const anything: Behaviour = { readsBody: true, answer: fixed.answer };

/** What becomes of a request that `--fail-every` has chosen. */
export function failure(how: Failing['how']): Behaviour {
  if (how === 'close') return { answer: ({ socket }) => void socket.destroy() };
  if (how === 'reset') return reset;
  return {
    readsBody: true,
    answer: (exchange) => exchange.answerJson(how, { error: 'this request was chosen to fail' }),
  };
}

export function findBehaviour(segments: readonly string[]): Behaviour {
  return behaviours.get(segments[0] ?? '') ?? notFound;
}
