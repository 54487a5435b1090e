/** The library's first two rungs, each in a process of its own, so that memory and processor time are its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CleaningAnswer, CleaningOrder, CleaningWay } from './cleaning-process.ts';
import {
  environmentOf,
  type Cleaned,
  type Contestant,
  type Place,
  type Runner,
} from './contestant.ts';

const entry = fileURLToPath(new URL('cleaning-process.js', import.meta.url));

export const cleanupUpToSync: Contestant = {
  id: 'sync',
  title: 'cleanupUpToSync',
  deletes: true,
  open: (place) => openProcess(place, 'sync'),
};

export const cleanupUpTo: Contestant = {
  id: 'parallel',
  title: 'cleanupUpTo',
  deletes: true,
  open: (place) => openProcess(place, 'parallel'),
};

export async function openProcess(place: Place, way: CleaningWay): Promise<Runner> {
  const child = fork(entry, [place.configPath, String(place.parallelism)], {
    env: environmentOf({}),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
    detached: true,
  });
  const abort = () => child.kill('SIGKILL');
  place.signal.addEventListener('abort', abort);
  const ended = endOf(child, place.signal);
  await Promise.race([once(child, 'message'), ended]);
  return {
    clean: async (upTo) => {
      const order: CleaningOrder = { way, upTo };
      child.send(order);
      return Promise.race([cleanedBy(child), ended]);
    },
    close: async () => {
      place.signal.removeEventListener('abort', abort);
      child.kill('SIGKILL');
      await ended.catch(() => undefined);
    },
  };
}

async function cleanedBy(child: ChildProcess): Promise<Cleaned> {
  const [answer] = (await once(child, 'message')) as [CleaningAnswer];
  if ('cleaned' in answer) return answer.cleaned;
  throw new Error('a process is ready only once');
}

/** Rejects when the process exits, which it never does on its own. */
async function endOf(child: ChildProcess, signal: AbortSignal): Promise<never> {
  await once(child, 'exit');
  signal.throwIfAborted();
  throw new Error('the process that archives ended; its own message stands above');
}
