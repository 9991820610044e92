import type { Socket } from 'node:net';
import { listen, type Listening, type Place } from '../null-http/listen.ts';
import { Conversation, NotUnderstood } from './conversation.ts';

/** Answers every statement with the same prepared bytes as soon as it is there. */
export function startNullPostgres(place: Place): Promise<Listening> {
  return listen(place, serve);
}

function serve(socket: Socket): void {
  const conversation = new Conversation();
  socket.on('data', (chunk: Buffer) => {
    try {
      const reply = conversation.push(chunk);
      if (reply.length > 0) socket.write(reply);
      if (conversation.isOver) socket.end();
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      socket.destroy();
    }
  });
}
