/**
 * One process at a time writes to a log. Whoever opens it shows a file of a name of its own in `.walq`,
 * then looks at those of others. Of two who come at once at least one sees the other and withdraws, so
 * that never both go on; perhaps neither does, and therefore it is tried again.
 *
 * The files are local sockets. A process that was killed leaves its file, but nobody listens at it any
 * more, and whoever comes next can tell: without waiting, without process ids, which a container or a
 * restart gives out anew, and from one container to another. Only a machine can judge its own
 * processes; on a filesystem shared between machines the lock of another one is taken for alive.
 */
import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disk } from '../disk/index.ts';
import { errnoOf, isMissing, isWalqError, WalqError } from '../failure/index.ts';
import { closeSocket, isAlive, listenAt } from './local-socket.ts';
import { withSocketPath } from './socket-path.ts';

export interface LogLock {
  release(): Promise<void>;
}

const TRIES_MAX = 4;
const RETRY_MS_MAX = 100;
/** Boot, host, and a number of its own; `.new` until somebody listens. */
const lockPattern =
  /^log-(?<boot>[0-9a-f]{8})-(?<host>[0-9a-f]{8})-[0-9a-f]{8}\.lock(?<isNew>\.new)?$/;

/** Takes the lock in a log's `.walq` directory; `log-locked` when another process holds it. */
export async function lockLog(disk: Disk, walqDirectory: string): Promise<LogLock> {
  const boot = tagOf(await bootId(disk));
  const name = `log-${boot}-${tagOf(hostname())}`;
  for (let tries = 1; ; tries += 1) {
    try {
      return await tryLock(disk, walqDirectory, `${name}-${randomBytes(4).toString('hex')}.lock`);
    } catch (error) {
      if (tries === TRIES_MAX || !isWalqError(error, 'log-locked')) throw error;
    }
    await delay(Math.random() * RETRY_MS_MAX);
  }
}

async function tryLock(disk: Disk, directory: string, name: string): Promise<LogLock> {
  const lock = await showLock(disk, directory, name);
  try {
    for await (const names of disk.list(directory)) {
      for (const other of names) if (other !== name) await passLock(disk, directory, name, other);
    }
    return lock;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function showLock(disk: Disk, directory: string, name: string): Promise<LogLock> {
  const path = join(directory, name);
  const server = await withSocketPath(directory, (short) => listenAt(join(short, `${name}.new`)));
  try {
    await disk.rename(`${path}.new`, path);
  } catch (error) {
    await closeSocket(server);
    // Somebody saw it between its making and its listening, and swept it as dead.
    throw isMissing(error) ? locked(path) : error;
  }
  return {
    release: async () => {
      await removeLock(disk, path);
      await closeSocket(server);
    },
  };
}

/** Goes past a lock file that binds nobody, removing it; throws when its owner may be alive. */
async function passLock(disk: Disk, directory: string, own: string, other: string): Promise<void> {
  const theirs = lockPattern.exec(other)?.groups;
  const mine = lockPattern.exec(own)?.groups;
  if (theirs === undefined || mine === undefined) return;
  const path = join(directory, other);
  const isHere = theirs['boot'] === mine['boot'];
  if (!isHere && theirs['host'] !== mine['host']) throw lockedElsewhere(path);
  const alive = isHere && (await withSocketPath(directory, (short) => isAlive(join(short, other))));
  if (!alive) await removeLock(disk, path);
  else if (theirs['isNew'] === undefined) throw locked(path);
}

async function removeLock(disk: Disk, path: string): Promise<void> {
  await disk.unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

const locked = (path: string): WalqError =>
  new WalqError('log-locked', {
    message: `another process, or this one, has the log open already (${path})`,
  });

const lockedElsewhere = (path: string): WalqError =>
  new WalqError('log-locked', {
    message: `another machine has the log open, or had when it went down (${path})`,
    hint: 'If that machine no longer uses the log, remove the file and open the log again.',
  });

const tagOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Tells one boot of a machine from another; the same in all its containers. */
async function bootId(disk: Disk): Promise<string> {
  const file = await disk.openRead('/proc/sys/kernel/random/boot_id').catch((error: unknown) => {
    if (errnoOf(error) !== undefined) return undefined;
    throw error;
  });
  if (file === undefined) return hostname();
  try {
    const buffer = Buffer.alloc(64);
    return buffer.toString('latin1', 0, await file.read(buffer, 0));
  } finally {
    await file.close();
  }
}
