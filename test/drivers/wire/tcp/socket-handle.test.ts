import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { SocketHandle } from '../../../../src/drivers/wire/tcp/socket-handle.ts';

describe('the handle below a socket', () => {
  const accepted: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    accepted.push(socket);
  });
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });

  async function open(onRead: (text: string) => void = () => {}) {
    const buffer = Buffer.alloc(65_536);
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, onread: { buffer, callback: () => true } });
    const incoming = once(server, 'connection') as Promise<[Socket]>;
    socket.on('error', () => {});
    await once(socket, 'connect');
    const [peer] = await incoming;
    const failures: number[] = [];
    const handle = SocketHandle.of(
      socket,
      (byteCount) => onRead(buffer.toString('latin1', 0, byteCount)),
      (errorNumber) => failures.push(errorNumber),
    );
    assert.ok(handle, 'this Node has no such handle: the driver would take the slow way');
    return { socket, peer, handle, failures };
  }

  it('writes texts and bytes, and hears what the other side says and that it ended', async () => {
    const heard: string[] = [];
    const { socket, peer, handle } = await open((text) => heard.push(text));
    let received = '';
    peer.resume();
    peer.on('data', (bytes) => (received += bytes.toString('latin1')));
    handle.write('text \u00e9 ');
    handle.write(Buffer.from('and bytes'));
    assert.equal(handle.unsentBytes, 0);
    while (received.length < 16) await once(peer, 'data');
    assert.equal(received, 'text \u00e9 and bytes');
    peer.end('answer');
    await once(socket, 'end');
    assert.deepEqual(heard, ['answer']);
    socket.destroy();
  });

  it('keeps what the kernel does not take, tells how much that is, and sends it in order', async () => {
    const { socket, peer, handle } = await open();
    const large = Buffer.alloc(32 * 1024 * 1024, 'a');
    handle.write(large);
    handle.write('b');
    handle.write('c');
    const unsentAtFirst = handle.unsentBytes;
    assert.ok(unsentAtFirst > 2 && unsentAtFirst < large.length + 2, `${unsentAtFirst} bytes`);
    peer.resume();
    let length = 0;
    let end = '';
    peer.on('data', (bytes) => {
      length += bytes.length;
      end = (end + bytes.toString('latin1', Math.max(0, bytes.length - 3))).slice(-3);
    });
    while (length < large.length + 2) await once(peer, 'data');
    assert.equal(end, 'abc');
    assert.equal(handle.unsentBytes, 0);
    socket.destroy();
  });

  it('tells of a write that failed', async () => {
    const { socket, peer, handle, failures } = await open();
    peer.resetAndDestroy();
    await once(peer, 'close');
    for (let attempt = 0; attempt < 1000 && failures.length === 0; attempt++) {
      handle.write('into the void');
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(failures.length > 0 && failures.every((errorNumber) => errorNumber < 0));
    socket.destroy();
  });
});
