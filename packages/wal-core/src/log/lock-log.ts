/** One process at a time writes to a log. */
import type { Disk } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { takeLock, type Lock } from '../base/lock/take-lock.ts';

/** Takes the lock in a log's `.walq` directory; `log-locked` when another process holds it. */
export const lockLog = (disk: Disk, walqDirectory: string): Promise<Lock> =>
  takeLock(disk, walqDirectory, {
    prefix: 'log',
    taken: (path) =>
      new WalqError('log-locked', {
        message: `another process, or this one, has the log open already (${path})`,
      }),
    takenElsewhere: (path) =>
      new WalqError('log-locked', {
        message: `another machine has the log open, or had when it went down (${path})`,
        hint: 'If that machine no longer uses the log, remove the file and open the log again.',
      }),
  });
