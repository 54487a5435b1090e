/**
 * A few words with our own Redis: whether it is ready, and to end one that outlived its owner. The
 * queue's connections are archive-queue's; this needs no client.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { isOwnDirectory } from './own-directory.ts';

const ANSWER_MS = 2_000;
const ANSWER_BYTES_MAX = 4096;

/** The server's answer to one command; undefined when nobody answers, or where others could have put the socket. */
export async function askRedis(path: string, command: string): Promise<string | undefined> {
  if (!(await isOwnDirectory(dirname(path)))) return undefined;
  const socket = connect({ path });
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  // What went wrong shows in the answer that is missing.
  socket.on('error', () => undefined);
  socket.setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => {
    answer += text;
    if (answer.includes('\r\n') || answer.length > ANSWER_BYTES_MAX) socket.destroy();
  });
  socket.write(`${command}\r\n`);
  if (!socket.closed) await once(socket, 'close').catch(() => undefined);
  const [first, ...rest] = answer.split('\r\n');
  return rest.length === 0 ? undefined : first;
}
