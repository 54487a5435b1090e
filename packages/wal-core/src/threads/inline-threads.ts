/** `Threads` without threads: the caller does the work, one call after another. */
import { nodeDisk, type Disk } from '../disk/index.ts';
import { withCancelFlag } from './cancel-flag.ts';
import { workOn } from './work.ts';
import type { Threads } from './threads.ts';

export function createInlineThreads(disk: Disk = nodeDisk): Threads {
  const work = workOn(disk);
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run, run);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    parallelism: 1,
    compress: (task, signal) =>
      inTurn(() => withCancelFlag(signal, (cancel) => work.compress({ ...task, cancel }))),
    checksum: (task, signal) =>
      inTurn(() => withCancelFlag(signal, (cancel) => work.checksum({ ...task, cancel }))),
    decode: (task, signal) =>
      inTurn(() => withCancelFlag(signal, (cancel) => work.decode({ ...task, cancel }))),
    close: async () => {
      await last;
    },
  };
}
