/** The library's first two rungs, each in a process of its own, so that memory and processor time are its own. */
import type { CleaningOrder, CleaningWay } from './cleaning-process.ts';
import type { Contestant, Place, Runner } from './contestant.ts';
import { Helper } from './helper.ts';

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
  const helper = await Helper.start<CleaningOrder, number>({
    entry: 'cleaning-process.js',
    args: [configPath, String(parallelism), way],
    signal,
    detached: true,
  });
  return { clean: (upTo) => helper.ask({ upTo }), close: () => helper.close() };
}
