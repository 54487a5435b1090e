/**
 * A few words with our own Redis: whether it is ready, and to end one that outlived its owner. The
 * queue's connections are archive-queue's; this needs no client.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface RedisDoor {
  readonly port: number;
  readonly password: string;
}

const ANSWER_MS = 2_000;
const ANSWER_BYTES_MAX = 4096;

/** The server's answer to one command; undefined when nobody answers, or not with our password. */
export async function askRedis(door: RedisDoor, command: string): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port: door.port });
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  // What went wrong shows in the answer that is missing.
  socket.on('error', () => undefined);
  socket.setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => {
    answer += text;
    if (answer.split('\r\n').length > 2 || answer.length > ANSWER_BYTES_MAX) socket.destroy();
  });
  socket.write(`AUTH ${door.password}\r\n${command}\r\n`);
  if (!socket.closed) await once(socket, 'close').catch(() => undefined);
  const [authenticated, answered] = answer.split('\r\n');
  return authenticated === '+OK' ? (answered ?? '') : undefined;
}
