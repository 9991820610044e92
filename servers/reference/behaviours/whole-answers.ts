import { BadRequest } from '../exchange.ts';
import type { Behaviour } from './behaviour.ts';

export const fixed: Behaviour = {
  answer: (exchange) => exchange.answer(200, 'text/plain', 'ok\n'),
};

/** A document with every kind of value, nesting, numbers at their limits and text beyond ASCII. */
export const fixedDocument = {
  text: 'plain',
  unicode: 'Grüße, 東京, \u{1f680}',
  escaped: 'quote " backslash \\ newline \n',
  integer: 42,
  negative: -17,
  fraction: 0.125,
  large: 9_007_199_254_740_991,
  yes: true,
  no: false,
  nothing: null,
  empty: { list: [], object: {} },
  list: [1, 'two', [3], { four: 4 }],
  items: [
    { id: 'a', score: 0.75 },
    { id: 'b', score: 0.5 },
    { id: 'c', score: 0.25 },
  ],
} as const;

const fixedJson = JSON.stringify(fixedDocument);

export const json: Behaviour = {
  answer: (exchange) => exchange.answer(200, 'application/json', fixedJson),
};

export const status: Behaviour = {
  answer(exchange) {
    const code = exchange.pathNumber({ least: 200, most: 599 });
    if (code === 204 || code === 304)
      exchange.response.writeHead(code, exchange.depart(code)).end();
    else exchange.answerJson(code, { status: code });
  },
};

export const noContent: Behaviour = {
  answer(exchange) {
    exchange.response.writeHead(204, exchange.depart(204)).end();
  },
};

/** A 304 may name the length of the body that it does not send: a parser must not wait for it. */
export const notModified: Behaviour = {
  answer(exchange) {
    const headers = exchange.depart(304).concat('etag', '"fixed"', 'content-length', '1234');
    exchange.response.writeHead(304, headers).end();
  },
};

export const earlyHints: Behaviour = {
  answer(exchange) {
    exchange.response.writeProcessing();
    exchange.response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    exchange.answer(200, 'text/plain', 'ok\n');
  },
};

const longestHeaderBytes = 1_048_576;

export const hugeHeader: Behaviour = {
  answer(exchange) {
    const bytes = exchange.pathNumber({ least: 0, most: longestHeaderBytes });
    exchange.response.setHeader('x-huge', 'h'.repeat(bytes));
    exchange.answer(200, 'text/plain', 'ok\n');
  },
};

/** Bound on the counters that `/fail-every/N` keeps. */
const mostFailCounters = 1_000;

export const failEvery: Behaviour = {
  answer(exchange) {
    const every = exchange.pathNumber({ least: 1, most: 1_000_000_000 });
    const counters = exchange.recording.failEvery;
    if (!counters.has(every) && counters.size >= mostFailCounters) {
      throw new BadRequest(`more than ${mostFailCounters} different /fail-every/N since the reset`);
    }
    const seen = (counters.get(every) ?? 0) + 1;
    counters.set(every, seen);
    if (seen % every === 0) exchange.answerJson(503, { error: `every ${every}th request fails` });
    else exchange.answer(200, 'text/plain', 'ok\n');
  },
};

export const die: Behaviour = {
  answer(exchange) {
    if (exchange.surroundings.options.allowDie) process.exit(1);
    exchange.answerJson(403, { error: 'the server was started without --allow-die' });
  },
};
