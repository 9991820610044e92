import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTCOME } from '../../../src/measure/metrics/outcome.ts';
import { answering, type ScriptedConnection } from '../../support/scripted-server.ts';
import { HEAD_END, OK, request, scripted } from './http-fixture.ts';

/** Says one thing to each connection and then does something to it. */
function once(answer: string, then: (connection: ScriptedConnection) => void = () => {}) {
  return async (connection: ScriptedConnection): Promise<void> => {
    await connection.receives(HEAD_END);
    connection.socket.write(answer, 'latin1', () => then(connection));
  };
}

const next = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('a connection', () => {
  it('is opened by the first request and used by those that follow', async (t) => {
    const { server, bench } = await scripted(t, answering(OK));
    const session = bench.driver.open(0);
    assert.equal(session.usable, false);
    const first = await bench.run(session, request());
    assert.equal(first.outcome, 'ok');
    assert.ok(first.granted > first.acquired, 'the connection had to be opened');
    assert.ok(first.phases['connect_time']! > 0);
    assert.equal(session.usable, true);
    for (let count = 0; count < 10; count++) {
      const { outcome, granted, acquired, phases } = await bench.run(session, request());
      assert.equal(outcome, 'ok');
      assert.equal(granted, acquired, 'it was open: no second clock read');
      assert.equal('connect_time' in phases, false);
    }
    assert.equal(server.connections.length, 1);
  });

  it('may be opened ahead of load; its time is counted with its first operation', async (t) => {
    const { server, bench } = await scripted(t, answering(OK));
    const session = bench.driver.open(0);
    assert.equal(await session.connect(), true);
    assert.equal(session.usable, true);
    assert.equal(await session.connect(), true);
    const first = await bench.run(session, request());
    assert.equal(first.granted, first.acquired);
    assert.ok(first.phases['connect_time']! > 0);
    const second = await bench.run(session, request());
    assert.equal('connect_time' in second.phases, false);
    assert.equal(server.connections.length, 1);
  });

  it('serves one request where each is to have its own', async (t) => {
    const { server, bench } = await scripted(t, answering(OK), { connection: 'perRequest' });
    const session = bench.driver.open(0);
    for (let count = 0; count < 5; count++) {
      const { outcome, granted, acquired, phases } = await bench.run(session, request());
      assert.equal(outcome, 'ok');
      assert.ok(granted > acquired);
      assert.ok(phases['connect_time']! > 0);
      assert.equal(session.usable, false);
    }
    assert.equal(server.connections.length, 5);
    assert.match(server.connections[0]!.received(), /\r\nConnection: close\r\n/);
  });

  it('that the server closed while idle is opened anew, which is no error', async (t) => {
    const { server, bench } = await scripted(
      t,
      once(OK, ({ socket }) => socket.end()),
    );
    const session = bench.driver.open(0);
    for (let count = 0; count < 3; count++) {
      assert.equal((await bench.run(session, request())).outcome, 'ok');
      await next();
      assert.equal(session.usable, false);
    }
    assert.equal(server.connections.length, 3);
    assert.deepEqual(bench.reasons(), {});
  });

  it('that was reset while idle is opened anew, which is no error', async (t) => {
    const { bench } = await scripted(
      t,
      once(OK, ({ socket }) => socket.resetAndDestroy()),
    );
    const session = bench.driver.open(0);
    for (let count = 0; count < 3; count++) {
      assert.equal((await bench.run(session, request())).outcome, 'ok');
      await next();
    }
    assert.deepEqual(bench.reasons(), {});
  });

  it('that was reset without our having seen it loses the request, and is not tried again', async (t) => {
    const { server, bench } = await scripted(t, answering(OK));
    const session = bench.driver.open(0);
    await bench.run(session, request());
    server.connections[0]!.socket.resetAndDestroy();
    assert.equal(session.usable, true, 'the reset waits in the kernel');
    const record = await bench.run(session, request());
    assert.equal(record.outcome, 'connection_lost');
    assert.ok(record.sent > 0);
    assert.match(Object.keys(bench.reasons()).join(), /^(EPIPE|ECONNRESET)$/);
    assert.equal(server.connections.length, 1);
    assert.equal((await bench.run(session, request())).outcome, 'ok');
  });

  it('ends with an answer that says so, or that ends with it', async (t) => {
    const answers = [
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
    ];
    const { server, bench } = await scripted(t, (connection) =>
      once(answers[connection.index % 2]!)(connection),
    );
    const session = bench.driver.open(0);
    for (let count = 0; count < 4; count++) {
      assert.equal((await bench.run(session, request())).outcome, 'ok');
      assert.equal(session.usable, false);
    }
    assert.equal(server.connections.length, 4);
  });

  it('is not used again after an answer that came before the request was written', async (t) => {
    const body = 'x'.repeat(32 * 1024 * 1024);
    const answer = 'HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n';
    const { server, bench } = await scripted(t, async (connection) => {
      await connection.receives(HEAD_END);
      connection.socket.pause();
      connection.socket.write(answer);
    });
    const session = bench.driver.open(0);
    const early = await bench.run(session, request({ text: body }, { reads: ['status'] }));
    assert.equal(early.outcome, 'status_error');
    assert.equal(session.result['status'], 413);
    assert.ok(early.bytesSent < body.length, 'only what the kernel took counts as sent');
    assert.ok(early.bytesSent >= server.connections[0]!.received().length);
    assert.equal(early.bytesReceived, answer.length);
    assert.equal(session.usable, false);
  });

  it('with bytes that nobody asked for is dropped before the next request', async (t) => {
    const { server, bench } = await scripted(t, (connection) => {
      answering(OK)(connection);
      void connection
        .receives(HEAD_END)
        .then(() => setTimeout(() => connection.socket.write('surprise'), 10));
    });
    const session = bench.driver.open(0);
    await bench.run(session, request());
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal((await bench.run(session, request())).outcome, 'ok');
    assert.equal(server.connections.length, 2);
    assert.deepEqual(bench.reasons(), { 'bytes that no request asked for': 1 });
  });
});

describe('an operation', () => {
  it('ends in the outcome that its status stands for', async (t) => {
    const { bench } = await scripted(t, (connection) => {
      connection.socket.on('data', (chunk) => {
        const status = /^GET \/(\d+)/.exec(chunk.toString())![1];
        connection.socket.write(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`);
      });
    });
    const session = bench.driver.open(0);
    const expected = {
      ok: [200, 201, 299, 301, 399],
      rejected: [429, 503],
      status_error: [400, 404, 428, 500, 502, 599, 600, 999],
    };
    for (const [outcome, statuses] of Object.entries(expected)) {
      for (const status of statuses) {
        const record = await bench.run(session, request({ path: `/${status}` }));
        assert.equal(record.outcome, outcome, `${status}`);
        assert.equal(session.usable, true, 'such an answer leaves the connection as it is');
      }
    }
    assert.equal(bench.reasons()['status 503'], 1);
  });

  const failures: readonly {
    readonly title: string;
    readonly script: (connection: ScriptedConnection) => void | Promise<void>;
    readonly outcome: string;
    readonly reason: RegExp;
  }[] = [
    {
      title: 'closed before any byte of an answer',
      script: async ({ socket, receives }) => {
        await receives(HEAD_END);
        socket.end();
      },
      outcome: 'connection_lost',
      reason: /^closed before an answer$/,
    },
    {
      title: 'reset before any byte of an answer',
      script: async ({ socket, receives }) => {
        await receives(HEAD_END);
        socket.resetAndDestroy();
      },
      outcome: 'connection_lost',
      reason: /^ECONNRESET$/,
    },
    {
      title: 'closed in the middle of the head',
      script: once('HTTP/1.1 200 OK\r\nContent-', ({ socket }) => socket.end()),
      outcome: 'connection_lost',
      reason: /^answer cut off$/,
    },
    {
      title: 'closed in the middle of the body',
      script: once('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', ({ socket }) =>
        socket.end(),
      ),
      outcome: 'connection_lost',
      reason: /^answer cut off$/,
    },
    {
      title: 'reset where the body would have ended with the connection',
      script: once('HTTP/1.1 200 OK\r\n\r\nhalf', ({ socket }) => {
        setTimeout(() => socket.resetAndDestroy(), 20);
      }),
      outcome: 'connection_lost',
      reason: /^ECONNRESET$/,
    },
    {
      title: 'answered in another protocol',
      script: once('SSH-2.0-OpenSSH_9.2'),
      outcome: 'protocol_error',
      reason: /^bad status line$/,
    },
    {
      title: 'answered twice',
      script: once(OK + OK),
      outcome: 'protocol_error',
      reason: /^bytes after the answer$/,
    },
    {
      title: 'answered with a switch of protocols',
      script: once('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n'),
      outcome: 'protocol_error',
      reason: /^protocol switch \(101\)$/,
    },
  ];
  for (const { title, script, outcome, reason } of failures) {
    it(`that was ${title} is a ${outcome}, and the next has a new connection`, async (t) => {
      const { server, bench } = await scripted(t, (connection) =>
        connection.index === 0 ? script(connection) : answering(OK)(connection),
      );
      const session = bench.driver.open(0);
      const failed = await bench.run(session, request({}, { reads: ['status'] }));
      assert.equal(failed.outcome, outcome);
      assert.ok(failed.sent > 0 && failed.done >= failed.sent);
      assert.equal(session.result['status'], undefined);
      const reasons = Object.entries(bench.reasons());
      assert.equal(reasons.length, 1);
      assert.match(reasons[0]![0], reason);
      assert.equal(session.usable, false);
      assert.equal((await bench.run(session, request())).outcome, 'ok');
      assert.equal(server.connections.length, 2);
    });
  }

  it('is complete when its connection ends where nothing else frames the body', async (t) => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nall of it';
    const { bench } = await scripted(
      t,
      once(text, ({ socket }) => socket.end()),
    );
    const session = bench.driver.open(0);
    const record = await bench.run(session, request({}, { reads: ['text'] }));
    assert.equal(record.outcome, 'ok');
    assert.equal(record.bytesReceived, text.length);
    assert.equal(session.result['text'], 'all of it');
    assert.equal(session.usable, false);
  });

  it('is stamped where its last byte and its first byte arrived', async (t) => {
    const { bench } = await scripted(t, async ({ socket, receives }) => {
      await receives(HEAD_END);
      socket.write(OK.slice(0, 10));
      setTimeout(() => socket.write(OK.slice(10)), 50);
    });
    const { phases, sent, done } = await bench.run(bench.driver.open(0), request());
    assert.ok(done - sent >= 49e6);
    assert.ok(phases['first_byte_time']! > 0);
    assert.ok(phases['first_byte_time']! <= done - sent - 45e6);
  });

  it('counts generations, one an operation, and keeps slots apart', async (t) => {
    const { bench } = await scripted(t, answering(OK));
    const sessions = [0, 1, 2].map((slot) => bench.driver.open(slot));
    for (let round = 0; round < 3; round++) {
      await Promise.all(sessions.map((session, slot) => bench.run(session, request(), { slot })));
    }
    assert.deepEqual([...bench.slots.generation.subarray(0, 4)], [3, 3, 3, 0]);
  });

  it('that is aborted ends at once with the outcome given, and closes its connection', async (t) => {
    const { server, bench } = await scripted(t, (connection) =>
      connection.index === 0 ? undefined : answering(OK)(connection),
    );
    const session = bench.driver.open(0);
    const running = bench.run(session, request());
    while (server.connections.length === 0) await next();
    await server.connections[0]!.receives(HEAD_END);
    session.abort(5, OUTCOME.cancelled);
    session.abort(0, OUTCOME.interrupted);
    assert.equal((await running).outcome, 'interrupted');
    session.abort(0, OUTCOME.cancelled);
    assert.equal((await bench.run(session, request())).outcome, 'ok');
    assert.equal(server.connections.length, 2);
    assert.deepEqual(bench.reasons(), {});
  });

  it('is interrupted when its session is closed', async (t) => {
    const { server, bench } = await scripted(t, () => {});
    const session = bench.driver.open(0);
    const running = bench.run(session, request());
    while (server.connections.length === 0) await next();
    session.close();
    assert.equal((await running).outcome, 'interrupted');
    assert.equal(bench.wheel.armed, 0);
  });

  it('refuses a second one on the same session, which would be a bug of loadgen', async (t) => {
    const { bench } = await scripted(t, () => {});
    const session = bench.driver.open(0);
    const running = bench.run(session, request());
    await assert.rejects(bench.run(session, request(), { slot: 1 }), /two things at once/);
    assert.throws(() => bench.driver.open(0), /slot 0 has an http session already/);
    session.close();
    await running;
  });
});
