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

export function findBehaviour(segments: readonly string[]): Behaviour {
  return behaviours.get(segments[0] ?? '') ?? notFound;
}
