/**
 * PostgreSQL's `restore_command` for one WAL file: archive → destination, whole or not at all (I5).
 *
 * The file is not fsynced: PostgreSQL makes durable what it keeps of a restored file, and requests the rest again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { basename } from 'node:path';
import { discard, temporaryNameFor } from '../../base/disk/write-file-durably.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { asWalqError, isWalqError, WalqError } from '../../base/failure/walq-error.ts';
import { reasonOf } from '../../base/failure/system-error.ts';
import { withNames } from '../../base/failure/advice.ts';
import { decodeTo } from '../../reading/restore/restore-segment.ts';
import { belowFloorError, isBelowFloor } from '../../archive/floor.ts';
import { readFloors } from '../../archive/floor-records.ts';
import { parseWalFile } from '../../source/postgres/wal-file.ts';
import { postgresNaming } from '../../source/postgres-naming.ts';
import type { SegmentName } from '../../source/segment-name.ts';
import type { SegmentNaming } from '../../source/naming.ts';
import { archiveKeyOf, keyOfEmpty, keyPath, type ArchiveKey } from '../../store/archive-key.ts';
import { readArchiveOwner } from '../../store/archive-owner.ts';
import type { ArchiveStore } from '../../store/store.ts';
import type { Threads } from '../../threads/threads.ts';

export interface FetchOptions {
  readonly disk: Disk;
  readonly store: ArchiveStore;
  readonly threads: () => Threads;
  /** The source's name in the archive. */
  readonly source: string;
  readonly signal: AbortSignal;
  /** How often to try after transient failures. @default until the signal is aborted */
  readonly tries?: number;
}

const FIRST_PAUSE_MS = 100;
const PAUSE_MS_MAX = 5_000;

/**
 * A file's place in an archive does not depend on the segment size, which may have changed: the names of the smallest
 * size
 * include those of all others.
 */
const walNames = postgresNaming(2 ** 20);

/**
 * How the archive names the WAL files of a source. @throws WalqError `object-missing` where it has none,
 * `store-unavailable` where it is empty, as an unmounted mount point is
 */
export async function namingInArchive(store: ArchiveStore, source: string): Promise<SegmentNaming> {
  const owner = await readArchiveOwner(store, source);
  if (owner?.type === 'postgres') return owner.naming;
  if (owner === undefined) await assertMounted(store, source);
  throw new WalqError('object-missing', {
    message: `the archive ${store.url} has no PostgreSQL source '${source}'`,
    hint: 'Check --archive and --source. walq list --archive URL shows what the archive holds.',
  });
}

async function assertMounted(store: ArchiveStore, source: string): Promise<void> {
  const there = await store.listSources();
  if (there.length > 0 && !there.includes(source)) return;
  throw new WalqError('store-unavailable', {
    message: `the archive ${store.url} has no record of source '${source}'`,
    hint: 'Check that the archive is mounted, then check --archive and --source.',
  });
}

/**
 * Fetches one file to its destination, which is replaced. `absent` only when the archive was read and has no such
 * object.
 * Transient failures are retried until the signal is aborted, and then rejected with.
 *
 * @throws WalqError `below-prune-floor` where retention has removed it, `usage` for a name that is not a WAL file's
 */
export function fetchFile(
  options: FetchOptions,
  name: string,
  destination: string,
): Promise<'fetched' | 'absent'> {
  return retryWhileTransient(options, () => fetchOnce(options, name, destination)).catch(
    (error: unknown) => {
      throw withNames(error, { source: options.source, segment: name });
    },
  );
}

/** Retries transient failures, with increasing pauses. */
export async function retryWhileTransient<T>(
  { signal, tries = Infinity }: Pick<FetchOptions, 'signal' | 'tries'>,
  work: () => Promise<T>,
): Promise<T> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(asWalqError(error)) || tried === tries) throw error;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
    }
  }
}

const isTransient = ({ class: kind, code }: WalqError): boolean =>
  kind === 'retryable' && code !== 'unexpected';

async function fetchOnce(
  options: FetchOptions,
  name: string,
  destination: string,
): Promise<'fetched' | 'absent'> {
  const { disk, store, source, threads, signal } = options;
  const segment = assertWalName(name, destination);
  const key = await findKey(store, archiveKeyOf(source, segment));
  if (key === undefined) {
    await assertAboveFloor(options, segment);
    return 'absent';
  }
  const path = temporaryNameFor(destination);
  try {
    const task = { store, threads: threads(), key, path, durable: false, signal };
    if ((await decodeTo(task).catch(undefinedIfMissing)) === undefined)
      throw objectGone(keyPath(key));
    await disk.rename(path, destination).catch(failedTo('write', destination));
    return 'fetched';
  } catch (error) {
    await discard(disk, path);
    throw error;
  }
}

/**
 * PostgreSQL requests nothing else, and answering "absent" would end its recovery.
 * @throws WalqError `usage` for a name that is not a WAL file's
 */
export function assertWalName(name: string, destination: string): SegmentName {
  const segment = walNames.parse(name);
  if (segment !== undefined) return segment;
  const areSwapped = walNames.parse(basename(destination)) !== undefined;
  throw new WalqError('usage', {
    message: `'${name}' is not the name of a WAL file${areSwapped ? `, but the destination '${destination}' is: the arguments are swapped` : ''}`,
    hint: `Set restore_command = 'walq wal-fetch %f "%p"': the name first, then the destination.`,
  });
}

/**
 * A segment that retention has removed is not the end of the WAL. While its object still exists it is served: a
 * recovery that
 * was running when the floor was raised requests one file after the other, and cannot be distinguished from a new one.
 */
async function assertAboveFloor(
  { store, source }: FetchOptions,
  segment: SegmentName,
): Promise<void> {
  const floors = await readFloors(store, source);
  if (isBelowFloor(floors, segment)) throw belowFloorError(floors, segment);
}

/** Undefined where the object was removed before it was opened; it existed a moment before. */
function undefinedIfMissing(error: unknown): undefined {
  if (!isWalqError(error, 'object-missing')) throw error;
}

const objectGone = (where: string): WalqError =>
  new WalqError('store-unavailable', { message: `${where} was removed while it was fetched` });

/**
 * Undefined where there is no object. A `.backup` file is for people, who get an empty one too. PostgreSQL follows a
 * timeline
 * by its `.history`, and an empty one is the same as none.
 */
async function findKey(store: ArchiveStore, key: ArchiveKey): Promise<ArchiveKey | undefined> {
  if (!(await isAbsent(store, key))) return key;
  const isHistory = parseWalFile(key.segment)?.kind === 'history';
  const empty = isHistory ? undefined : keyOfEmpty(key);
  return empty && ((await isAbsent(store, empty)) ? undefined : empty);
}

/**
 * An archive that is unmounted or mounted during the call seems to have no such object. Only two checks, with
 * the
 * archive's own record of the source read in between, prove that there is none.
 */
async function isAbsent(store: ArchiveStore, key: ArchiveKey): Promise<boolean> {
  if ((await store.stat(key)) !== undefined) return false;
  await namingInArchive(store, key.source);
  return (await store.stat(key)) === undefined;
}

const failedTo =
  (what: string, path: string) =>
  (cause: unknown): never => {
    throw new WalqError('destination-io', {
      message: `unable to ${what} ${path}: ${reasonOf(cause)}`,
      cause,
    });
  };
