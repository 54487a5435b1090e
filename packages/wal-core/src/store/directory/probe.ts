/** Tests on the real filesystem what every publish relies on, before the first one. */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Disk, DiskFile, DiskSpace } from '../../base/disk/disk.ts';
import { discard, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import { errnoOf, isExisting, reasonOf, storeFailure } from '../../base/failure/system-error.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { fsyncFailure, linkFailure } from './failures.ts';
import {
  isDirectory,
  isOneFile,
  missingRoot,
  stateOf,
  type DirectoryArchive,
} from './directory-archive.ts';

const PROBE_BYTES = 16;
const PIECE_BYTES = 1 << 20;

/**
 * Creates the archive's directory where only that is missing, as on a first start. Nothing else does: an archive that
 * disappears later is not mounted, and a new one must not be created in its mount point.
 */
export async function prepare(archive: DirectoryArchive, bytes?: number): Promise<void> {
  await makeRoot(archive);
  await probe(archive, bytes);
}

/** `bytes`: how much is written, such as the size of a segment. */
export async function probe(archive: DirectoryArchive, bytes = PROBE_BYTES): Promise<void> {
  if (!(await isDirectory(archive, archive.root))) await throwMissing(archive);
  const first = temporaryNameFor(join(archive.root, 'probe'));
  const second = temporaryNameFor(join(archive.root, 'probe'));
  try {
    await proveWrite(archive.disk, first, bytes);
    await proveLink(archive.disk, first, second);
    await proveNoReplace(archive.disk, first, second);
  } finally {
    await discard(archive.disk, first);
    await discard(archive.disk, second);
  }
  await proveSync(archive.root, () => archive.durable.makeDurable(archive.root));
}

async function makeRoot(archive: DirectoryArchive): Promise<void> {
  if (await isDirectory(archive, archive.root)) return;
  await assertRoot(archive);
  await archive.disk.makeDirectory(archive.root).then(
    (made) => archive.durable.made(made),
    (error: unknown) => {
      throw storeFailure(`create the archive '${archive.root}'`, error);
    },
  );
}

async function throwMissing(archive: DirectoryArchive): Promise<never> {
  await assertRoot(archive);
  throw missingRoot(archive);
}

async function assertRoot(archive: DirectoryArchive): Promise<void> {
  if ((await stateOf(archive, archive.root)) !== undefined) {
    throw unsuitable(`the archive '${archive.root}' is not a directory`);
  }
  if (await isDirectory(archive, dirname(archive.root))) return;
  throw missingRoot(archive);
}

async function proveWrite(disk: Disk, path: string, bytes: number): Promise<void> {
  try {
    const file = await disk.openNew(path);
    try {
      await writeNoise(file, bytes);
      await proveSync(path, () => file.sync());
    } finally {
      await file.close();
    }
  } catch (error) {
    throw storeFailure(`write to the archive at '${dirname(path)}'`, error);
  }
}

/** Writes random bytes, which a filesystem can neither compress nor skip. */
async function writeNoise(file: DiskFile, bytes: number): Promise<void> {
  const noise = randomBytes(Math.min(bytes, PIECE_BYTES));
  for (let at = 0; at < bytes; at += noise.length) {
    await file.write(noise.subarray(0, Math.min(noise.length, bytes - at)), at);
  }
}

async function proveLink(disk: Disk, first: string, second: string): Promise<void> {
  await disk.link(first, second).catch((error: unknown) => {
    throw linkFailure(second, error);
  });
  if (await isOneFile(disk, first, second)) return;
  throw unsuitable(`a link at '${dirname(first)}' is not the same file`);
}

async function proveNoReplace(disk: Disk, first: string, second: string): Promise<void> {
  await disk.link(first, second).then(
    () => {
      throw unsuitable(`a link at '${dirname(first)}' replaces an existing file`);
    },
    (error: unknown) => {
      if (!isExisting(error)) throw storeFailure(`link '${second}'`, error);
    },
  );
}

/** Distinguishes a filesystem without fsync, which is unsuitable, from a failed fsync. */
async function proveSync(path: string, sync: () => Promise<void>): Promise<void> {
  await sync().catch((error: unknown) => {
    const cause = error instanceof WalqError ? error.cause : error;
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(cause) ?? '')) {
      throw fsyncFailure(path, error);
    }
    throw unsuitable(`the filesystem of '${path}' cannot fsync: ${reasonOf(cause)}`, cause);
  });
}

const unsuitable = (message: string, cause?: unknown): WalqError =>
  new WalqError('store-unsuitable', { message, cause });

export async function space({ disk, root }: DirectoryArchive): Promise<DiskSpace> {
  return disk.space(root).catch((error: unknown) => {
    throw storeFailure(`read the free space of '${root}'`, error);
  });
}
