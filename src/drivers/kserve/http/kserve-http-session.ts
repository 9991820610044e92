import type { Session } from '../../driver.ts';
import type { HttpClient } from '../../vocabulary/http/http-client.ts';
import type { HttpSession } from '../../vocabulary/http/http-session.ts';
import { KserveSession } from '../kserve-session.ts';
import { HttpAnswers } from './http-answers.ts';

/** A session over HTTP whose answers are tensors. */
export function openHttpSession(client: HttpClient, slot: number): Session {
  const answers = new HttpAnswers(client, () => inner.answerHead);
  const inner: HttpSession = client.open(slot, answers);
  return new KserveSession(inner, answers, resultOf(inner, answers));
}

/** Each field is read from the answer when an expression asks for it. */
function resultOf(
  { result }: HttpSession,
  answers: HttpAnswers,
): Readonly<Record<string, unknown>> {
  return {
    get status() {
      return result['status'];
    },
    get outputs() {
      return answers.outputs;
    },
    get responses() {
      return answers.responses;
    },
    get parameters() {
      return answers.parameters;
    },
    get error() {
      return answers.streamError ?? errorOf(result['json']);
    },
  };
}

/** Servers answer what they refuse with `{"error": "..."}`. */
function errorOf(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('error' in json)) return undefined;
  return String(json.error);
}
