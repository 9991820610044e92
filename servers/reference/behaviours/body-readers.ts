import type { Exchange } from '../exchange.ts';
import type { Behaviour } from './behaviour.ts';

export const echo: Behaviour = {
  readsBody: true,
  answer(exchange) {
    const { method, url, headers, rawHeaders } = exchange.request;
    exchange.answerJson(200, {
      method,
      path: url,
      headers,
      rawHeaders,
      body: exchange.body.toString('utf8'),
      bodyBytes: exchange.body.length,
    });
  },
};

const dimensions = 384;
/** 1/√384 to six decimals: the vector has length 1, as those of real servers. */
const component = '0.051031';
const vector = `[${Array.from({ length: dimensions }, () => component).join(',')}]`;
const mostTexts = 1_024;

/** The answer of an embedding server without its work: the same vector for every text. */
export const embed: Behaviour = {
  readsBody: true,
  answer(exchange) {
    if (exchange.request.method !== 'POST') {
      exchange.response.setHeader('allow', 'POST');
      exchange.answerJson(405, { error: '/embed takes POST' });
      return;
    }
    const texts = countTexts(exchange);
    if (typeof texts !== 'number') {
      exchange.answerJson(texts.status, { error: texts.error });
      return;
    }
    const vectors = Array.from({ length: texts }, () => vector).join(',');
    const body = `{"embeddings":[${vectors}],"model":"constant-384","dim":${dimensions}}`;
    exchange.answer(200, 'application/json', body);
  },
};

/** The number of texts asked for, or why there is none. */
function countTexts(exchange: Exchange): number | { status: number; error: string } {
  let document: unknown;
  try {
    document = JSON.parse(exchange.body.toString('utf8'));
  } catch {
    return { status: 400, error: 'the body is not JSON' };
  }
  const texts = (document as { texts?: unknown } | null)?.texts;
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) {
    return { status: 422, error: 'expected an object with a list of strings "texts"' };
  }
  if (texts.length === 0) return { status: 422, error: '"texts" must not be empty' };
  if (texts.length > mostTexts) return { status: 413, error: `at most ${mostTexts} texts fit` };
  return texts.length;
}
