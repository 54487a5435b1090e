/**
 * Markers: a file next to the data directory that says that a WAL file is archived, for the process that answers
 * PostgreSQL's next `archive_command`. A marker is written from a receipt only, identifies the file by inode, size,
 * mtime
 * and ctime, and is used once.
 *
 * `apps/cli/bin/walq` reads the same layout and answers from it without starting Node.
 */
import { shortHash } from '../base/hash.ts';
import { join } from 'node:path';
import { claimDirectory } from './claim.ts';
import { assertIssued, type ArchiveReceipt } from './confirm.ts';
import { isTemporaryName, writeFileDurably } from '../base/disk/write-file-durably.ts';
import { readSmallFile } from '../base/disk/read-small-file.ts';
import type { Disk, FileState } from '../base/disk/disk.ts';
import { errnoOf, isMissing, sourceFailure } from '../base/failure/system-error.ts';
import { isWalqError } from '../base/failure/walq-error.ts';
import { isReady } from '../source/ready-file.ts';
import { segmentPath, walqDirectory, type Source } from '../source/source.ts';
import type { SegmentRun } from './segment-run.ts';

/** What a marker is valid for: one instance and one archive. */
interface MarkerScope {
  readonly source: Source;
  readonly sourceId: string;
  readonly store: { readonly url: string };
}

/** The directory of markers of one instance and one archive. */
export function markerDirectory({ source, sourceId, store }: MarkerScope): string {
  const key = shortHash(`${sourceId}\n${store.url}`);
  return join(walqDirectory(source), 'acknowledged', key);
}

const markerPath = (scope: MarkerScope, name: string): string => join(markerDirectory(scope), name);

type MarkedFile = Pick<FileState, 'inode' | 'size' | 'mtimeNs' | 'ctimeNs'>;

/** As `stat -c '%i %s %.9Y %.9Z'` prints it. */
export const markerText = ({ inode, size, mtimeNs, ctimeNs }: MarkedFile): string =>
  `${inode} ${size} ${seconds(mtimeNs)} ${seconds(ctimeNs)}\n`;

const seconds = (ns: bigint): string =>
  `${ns / 1_000_000_000n}.${(ns % 1_000_000_000n).toString().padStart(9, '0')}`;

/** Records durably that the file of a receipt is archived. */
export async function writeMarker(
  disk: Disk,
  scope: MarkerScope,
  receipt: ArchiveReceipt,
): Promise<void> {
  assertIssued(receipt);
  const path = markerPath(scope, receipt.segment.name.name);
  try {
    await disk.makeDirectory(markerDirectory(scope));
    await writeFileDurably(disk, path, markerText(receipt.segment.fingerprint));
  } catch (error) {
    throw sourceFailure(`write ${path}`, error);
  }
}

/** The step `acknowledge`: leaves a marker for PostgreSQL's archiver. */
export async function acknowledge(run: SegmentRun, receipt: ArchiveReceipt): Promise<void> {
  if (run.source.sealedRule.kind !== 'ready' || !run.acknowledge) return;
  await run.onStep('acknowledge', receipt.segment.name.name);
  await writeMarker(run.disk, run, receipt).catch((error: unknown) => {
    // The file is archived. Where there is no room for the marker, PostgreSQL's own call finds the object in the
    // archive.
    if (!isNoRoom(error)) throw error;
  });
}

const isNoRoom = (error: unknown): boolean =>
  isWalqError(error) && ['ENOSPC', 'EDQUOT'].includes(errnoOf(error.cause) ?? '');

/**
 * Whether a marker says that the file that has this name now is archived. The marker is removed, also where it
 * identifies another file.
 */
export async function useMarker(disk: Disk, scope: MarkerScope, name: string): Promise<boolean> {
  const path = markerPath(scope, name);
  try {
    const said = await readSmallFile(disk, path);
    if (said === undefined) return false;
    const state = await disk.lstat(segmentPath(scope.source, name));
    await disk.unlink(path);
    return state.kind === 'file' && said === markerText(state);
  } catch (error) {
    if (isMissing(error)) return false;
    throw sourceFailure(`use ${path}`, error);
  }
}

/**
 * Removes the markers, and the claims of dead processes, of files that are no longer ready: PostgreSQL has its answer.
 * Returns how many were removed.
 */
export async function sweepMarkers(disk: Disk, scope: MarkerScope): Promise<number> {
  const { source } = scope;
  const markers = await sweepNotReady(disk, source, markerDirectory(scope));
  return markers + (await sweepNotReady(disk, source, claimDirectory(source)));
}

async function sweepNotReady(disk: Disk, source: Source, directory: string): Promise<number> {
  let removed = 0;
  try {
    for await (const names of disk.list(directory)) {
      for (const name of names) {
        if (!isTemporaryName(name) && (await isReady(disk, source, name))) continue;
        if (isTemporaryName(name) && (await isYoung(disk, join(directory, name)))) continue;
        await disk.unlink(join(directory, name));
        removed += 1;
      }
    }
  } catch (error) {
    if (!isMissing(error)) throw sourceFailure(`sweep ${directory}`, error);
  }
  return removed;
}

const YOUNG_MS = 3_600_000;

async function isYoung(disk: Disk, path: string): Promise<boolean> {
  const { mtimeNs } = await disk.lstat(path);
  return Date.now() - Number(mtimeNs / 1_000_000n) < YOUNG_MS;
}
