/**
 * A lock on a directory, for one process at a time. A process first creates a file with a name of its own in the
 * directory, then checks the files of the others. Of two processes that do so at the same time at least one sees the
 * other and withdraws, so that never both hold the lock. Possibly neither does, so each tries again.
 *
 * The files are local sockets. A killed process leaves its file, but no longer listens on it. The next process
 * detects that without waiting, and without process ids, which a container or a restart reuses. It works from one
 * container to another. A machine can check its own processes only: on a filesystem shared between machines, the lock
 * of another machine counts as alive.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bootId } from '../disk/boot-id.ts';
import type { Disk } from '../disk/disk.ts';
import { ifPresent, isMissing } from '../failure/system-error.ts';
import { shortHash } from '../hash.ts';
import { WalqError } from '../failure/walq-error.ts';
import { closeSocket, isAlive, listenAt, withSocketPath } from './local-socket.ts';

export interface Lock {
  release(): Promise<void>;
}

/** What a lock is for, and the failures for processes that find it taken. */
export interface LockPurpose {
  /** Prefix of its file names; letters. */
  readonly prefix: string;
  readonly taken: (path: string) => WalqError;
  /** For a lock of another machine, whose processes cannot be checked from here. */
  readonly takenElsewhere: (path: string) => WalqError;
}

const TRIES_MAX = 4;
const RETRY_MS_MAX = 100;
/** Purpose, boot, host and a random number; `.new` until the process listens. */
const lockPattern =
  /^(?<prefix>[a-z]+)-(?<boot>[0-9a-f]{8})-(?<host>[0-9a-f]{8})-[0-9a-f]{8}\.lock(?<isNew>\.new)?$/;

/** Takes the lock in a directory. Rejects with a failure of the purpose when another process holds it. */
export async function takeLock(disk: Disk, directory: string, purpose: LockPurpose): Promise<Lock> {
  const boot = tagOf((await bootId(disk)) ?? hostname());
  const name = `${purpose.prefix}-${boot}-${tagOf(hostname())}`;
  for (let tries = 1; ; tries += 1) {
    try {
      const own = `${name}-${randomBytes(4).toString('hex')}.lock`;
      return await tryLock(disk, directory, own, purpose);
    } catch (error) {
      if (tries === TRIES_MAX || !(error instanceof WalqError)) throw error;
    }
    await delay(Math.random() * RETRY_MS_MAX);
  }
}

async function tryLock(
  disk: Disk,
  directory: string,
  name: string,
  purpose: LockPurpose,
): Promise<Lock> {
  const lock = await announceLock(disk, directory, name, purpose);
  try {
    for await (const names of disk.list(directory)) {
      for (const other of names)
        if (other !== name) await assertNotAlive(disk, directory, name, other, purpose);
    }
    return lock;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function announceLock(
  disk: Disk,
  directory: string,
  name: string,
  { taken }: LockPurpose,
): Promise<Lock> {
  const path = join(directory, name);
  const server = await withSocketPath(directory, (short) => listenAt(join(short, `${name}.new`)));
  try {
    await disk.rename(`${path}.new`, path);
  } catch (error) {
    await closeSocket(server);
    // Another process saw it before it was listened on, and removed it as dead.
    throw isMissing(error) ? taken(path) : error;
  }
  return {
    release: async () => {
      await removeLock(disk, path);
      await closeSocket(server);
    },
  };
}

/** Throws when the owner of a lock file may be alive; removes the file when it is not. */
async function assertNotAlive(
  disk: Disk,
  directory: string,
  own: string,
  other: string,
  { prefix, taken, takenElsewhere }: LockPurpose,
): Promise<void> {
  const theirs = lockPattern.exec(other)?.groups;
  const mine = lockPattern.exec(own)?.groups;
  if (theirs === undefined || mine === undefined || theirs['prefix'] !== prefix) return;
  const path = join(directory, other);
  const isHere = theirs['boot'] === mine['boot'];
  if (!isHere && theirs['host'] !== mine['host']) throw takenElsewhere(path);
  const alive = isHere && (await withSocketPath(directory, (short) => isAlive(join(short, other))));
  if (!alive) await removeLock(disk, path);
  else if (theirs['isNew'] === undefined) throw taken(path);
}

async function removeLock(disk: Disk, path: string): Promise<void> {
  await ifPresent(disk.unlink(path));
}

const tagOf = (text: string): string => shortHash(text, 8);
