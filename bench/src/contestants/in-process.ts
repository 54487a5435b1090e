/** The library's first two rungs, each in a process of its own, so that memory and processor time are its own. */
import { AnsweringProcess } from '../answering-process.ts';
import type { CleaningOrder, CleaningWay } from './cleaning-process.ts';
import { environmentOf, type Contestant, type Place, type Runner } from './contestant.ts';

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

async function openProcess(place: Place, way: CleaningWay): Promise<Runner> {
  const { configPath, parallelism, signal } = place;
  const child = await AnsweringProcess.start<CleaningOrder, number>({
    entry: new URL('cleaning-process.js', import.meta.url),
    args: [configPath, String(parallelism), way],
    env: environmentOf({}),
    detached: true,
    signal,
  });
  return { clean: (upTo) => child.ask({ upTo }), close: () => child.stop('SIGKILL') };
}
