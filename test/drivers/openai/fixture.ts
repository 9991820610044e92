import type { StepOptions } from '../../support/driver-bench.ts';
import { startServerProcess } from '../../support/reference-process.ts';
import type { DriverFixture } from '../driver-fixture.ts';

/** A chat with the reference server, which answers as `reference` says. */
export function chat(
  reference: Readonly<Record<string, unknown>> = {},
  { stream = true, maxTokens = 8 }: { stream?: boolean; maxTokens?: number } = {},
): StepOptions {
  const messages = [{ role: 'user', content: 'one two three' }];
  return {
    verb: 'chat',
    spec: { messages, maxTokens, stream, body: { model: 'reference', reference } },
    reads: ['text'],
  };
}

const whole = { stream: false };

export const fixture: DriverFixture = {
  async start() {
    const server = await startServerProcess('reference-openai');
    return {
      port: server.port,
      url: (port) => `http://127.0.0.1:${port}`,
      async connectionsAccepted() {
        const answer = await fetch(`${server.url}/__counts`, { headers: { connection: 'close' } });
        const { connectionsAccepted } = (await answer.json()) as { connectionsAccepted: number };
        return connectionsAccepted;
      },
      stop: () => server.stop(),
    };
  },
  steps: {
    ok: chat(),
    delayed: (delayMs) => chat({ ttftMs: delayMs }),
    large: (bytes) => chat({}, { maxTokens: Math.ceil(bytes / 200) }),
    silence: chat({ variant: 'silence' }, whole),
    die: chat({ variant: 'die' }, whole),
    failing: [
      ['status 404', chat({ status: 404 }), 'status_error'],
      ['status 500 of a whole answer', chat({ status: 500 }, whole), 'status_error'],
      ['status 429', chat({ status: 429 }), 'rejected'],
      ['status 503', chat({ status: 503 }, whole), 'rejected'],
      ['garbage in a stream', chat({ variant: 'garbage' }), 'protocol_error'],
      ['half an event', chat({ variant: 'half-event' }), 'protocol_error'],
      ['an error in the stream', chat({ variant: 'error' }), 'status_error'],
      ['an error and nothing after it', chat({ variant: 'error-stall' }), 'status_error'],
      ['an error that says overload', chat({ variant: 'overload' }), 'rejected'],
      ['a stream without [DONE]', chat({ variant: 'without-done' }), 'protocol_error'],
      ['a stream without a token', chat({ variant: 'no-token' }), 'protocol_error'],
      ['a stream that only names a role', chat({ variant: 'only-role' }), 'protocol_error'],
      ['JSON instead of a stream', chat({ variant: 'json' }), 'protocol_error'],
      ['an event that never ends', chat({ variant: 'endless-event' }), 'protocol_error'],
      ['a stream that is cut off', chat({ variant: 'cut-off' }), 'connection_lost'],
      ['a whole answer that is cut off', chat({ variant: 'cut-off' }, whole), 'connection_lost'],
      ['a reset before the answer', chat({ variant: 'reset' }, whole), 'connection_lost'],
      ['an answer that is no JSON', chat({ variant: 'garbage' }, whole), 'protocol_error'],
      ['an error in a whole answer', chat({ variant: 'error' }, whole), 'status_error'],
    ],
  },
};
