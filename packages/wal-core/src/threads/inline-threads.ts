/** `Threads` without threads: the caller does the work, one call after another. */
import type { Disk } from '../base/disk/disk.ts';
import { nodeDisk } from '../base/disk/node-disk.ts';
import { withCancelFlag } from '../codec/cancel-flag.ts';
import { workOn } from './work.ts';
import type { Threads } from './threads.ts';

export function createInlineThreads(disk: Disk = nodeDisk): Threads {
  const work = workOn(disk);
  let last: Promise<unknown> = Promise.resolve();
  let busy = 0;
  const counted = async <T>(run: () => Promise<T>): Promise<T> => {
    busy = 1;
    try {
      return await run();
    } finally {
      busy = 0;
    }
  };
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(
      () => counted(run),
      () => counted(run),
    );
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    parallelism: 1,
    get busy() {
      return busy;
    },
    compress: (task, signal) =>
      inTurn(() => withCancelFlag(signal, (cancel) => work.compress({ ...task, cancel }))),
    tryLevels: (task, signal) =>
      inTurn(() => withCancelFlag(signal, (cancel) => work.tryLevels({ ...task, cancel }))),
    tryDictionary: (dictionary) =>
      inTurn(() =>
        withCancelFlag(new AbortController().signal, (cancel) =>
          work.tryDictionary({ dictionary, cancel }),
        ),
      ),
    checksum: (task, signal) =>
      inTurn(() => withCancelFlag(signal, (cancel) => work.checksum({ ...task, cancel }))),
    decode: (task, signal) =>
      inTurn(() => withCancelFlag(signal, (cancel) => work.decode({ ...task, cancel }))),
    close: async () => {
      await last;
    },
  };
}
