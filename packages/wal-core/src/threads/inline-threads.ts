/** `Threads` without threads: runs the calls in the calling thread, one after another. */
import type { Disk } from '../base/disk/disk.ts';
import { nodeDisk } from '../base/disk/node-disk.ts';
import { callsThrough, type Threads } from './threads.ts';
import { doWork, workOn, type Call } from './work.ts';

export function createInlineThreads(disk: Disk = nodeDisk): Threads {
  const work = workOn(disk);
  let last: Promise<unknown> = Promise.resolve();
  let busy = 0;
  const run = async (call: Call): Promise<unknown> => {
    busy = 1;
    try {
      return await doWork(work, call);
    } finally {
      busy = 0;
    }
  };
  const inTurn = (call: Call): Promise<unknown> => {
    const turn = last.then(
      () => run(call),
      () => run(call),
    );
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    ...callsThrough(inTurn),
    parallelism: 1,
    get busy() {
      return busy;
    },
    close: async () => {
      await last;
    },
  };
}
