/**
 * PostgreSQL's `restore_command` for one WAL file: archive → destination, whole or not at all (I5).
 *
 * What goes to PostgreSQL at once is not fsynced: PostgreSQL itself makes durable what it keeps of a restored
 * file, and asks anew for what it does not. What is to lie ready for later is, where nothing tells one boot from
 * the next (ahead-directory.ts): a name may outlive a power cut that its contents do not.
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
  /** Name in the archive. */
  readonly source: string;
  /** Whether the file is to outlive a power cut. @default false */
  readonly durable?: boolean;
  readonly signal: AbortSignal;
  /** How often what may heal is tried. @default until the signal is aborted */
  readonly tries?: number;
}

const FIRST_PAUSE_MS = 100;
const PAUSE_MS_MAX = 5_000;

/**
 * Where a file lies in an archive does not depend on the segments' length, which may have changed: the names
 * of the shortest ones hold those of all others.
 */
const walNames = postgresNaming(2 ** 20);

/**
 * How the archive names the WAL files of a source. @throws WalqError `object-missing` where it has none,
 * `store-unavailable` where it is empty, as a place is on which nothing is mounted
 */
export async function namingInArchive(store: ArchiveStore, source: string): Promise<SegmentNaming> {
  const owner = await readArchiveOwner(store, source);
  if (owner?.type === 'postgres') return owner.naming;
  if (owner === undefined) await assertMounted(store, source);
  throw new WalqError('object-missing', {
    message: `the archive ${store.url} has no WAL of a PostgreSQL source '${source}'`,
    hint: 'Check --archive and --source; walq list --archive URL shows what is there.',
  });
}

async function assertMounted(store: ArchiveStore, source: string): Promise<void> {
  const there = await store.listSources();
  if (there.length > 0 && !there.includes(source)) return;
  throw new WalqError('store-unavailable', {
    message: `the archive ${store.url} holds nothing that says whose '${source}' is`,
    hint: 'Check that the archive is mounted, then --archive and --source.',
  });
}

/**
 * Brings one file to its destination, which is replaced; `absent` only when the archive was asked and has no
 * such object. What may heal is tried again until the signal is aborted, and rejects with its own failure then.
 * @throws WalqError `below-prune-floor` where retention has removed it, `usage` for a name that is none
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

/** Tries again what may heal, with longer and longer pauses. */
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
  const { disk, store, source, threads, signal, durable = false } = options;
  const segment = assertWalName(name, destination);
  const key = await findKey(store, archiveKeyOf(source, segment));
  if (key === undefined) {
    await assertAboveFloor(options, segment);
    return 'absent';
  }
  const path = temporaryNameFor(destination);
  try {
    const task = { store, threads: threads(), key, path, durable, signal };
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
 * PostgreSQL asks for nothing else, and "not there" would end its recovery.
 * @throws WalqError `usage` for a name that none of its WAL files has
 */
export function assertWalName(name: string, destination: string): SegmentName {
  const segment = walNames.parse(name);
  if (segment !== undefined) return segment;
  const areSwapped = walNames.parse(basename(destination)) !== undefined;
  throw new WalqError('usage', {
    message: `'${name}' is not the name of a WAL file${areSwapped ? `, and the destination '${destination}' is: the arguments are exchanged` : ''}`,
    hint: `Set restore_command = 'walq wal-fetch %f "%p"': first the name, then the destination.`,
  });
}

/**
 * What retention has removed is no end of the WAL. While it is still there it is given: a recovery that was under
 * way when the floor was raised asks for one file after the other, and nothing tells it from one that begins.
 */
async function assertAboveFloor(
  { store, source }: FetchOptions,
  segment: SegmentName,
): Promise<void> {
  const floors = await readFloors(store, source);
  if (isBelowFloor(floors, segment)) throw belowFloorError(floors, segment);
}

/** Undefined where the object was gone once it was opened; it was there a moment before. */
function undefinedIfMissing(error: unknown): undefined {
  if (!isWalqError(error, 'object-missing')) throw error;
}

const objectGone = (where: string): WalqError =>
  new WalqError('store-unavailable', { message: `${where} was there and is gone again` });

/**
 * Undefined where there is no object. A `.backup` file is for people, who get an empty one too; PostgreSQL follows a
 * timeline by its `.history`, and an empty one says no more than none.
 */
async function findKey(store: ArchiveStore, key: ArchiveKey): Promise<ArchiveKey | undefined> {
  if (!(await isAbsent(store, key))) return key;
  const isHistory = parseWalFile(key.segment)?.kind === 'history';
  const empty = isHistory ? undefined : keyOfEmpty(key);
  return empty && ((await isAbsent(store, empty)) ? undefined : empty);
}

/**
 * An archive that goes away or comes back while it is asked looks as if it had no such object. Only two looks
 * that say so, with the archive's own record of the source read between them, prove that there is none.
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
