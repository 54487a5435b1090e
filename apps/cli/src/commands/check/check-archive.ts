import {
  isKnownArchive,
  isS3Url,
  nodeDisk,
  openStoreOf,
  readCluster,
  readIdentity,
  readOwnerOf,
  scanSource,
  stateAtSource,
  type ArchiveStore,
  WalqError,
} from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { showBytes } from '../../terminal/human.ts';
import { finding, ok, warning, type Finding, type Subject } from './finding.ts';

const inDirectory = (bytes: number): string =>
  `can be written, fsynced and linked, and has room for a segment (${showBytes(bytes)} written)`;
const inS3 = (bytes: number): string =>
  `can be listed and written, and does not replace objects; accepted an object of ${showBytes(bytes)}`;
/** Limits the test object, because S3 providers charge for requests and traffic. */
const S3_BYTES_MAX = 64 * 2 ** 20;

/** Checks the archive that these sources share by writing to it, as a worker does. */
export function checkArchive(
  archive: ConfiguredSource,
  sources: readonly ConfiguredSource[],
): Promise<readonly Finding[]> {
  const subject = { check: 'archive', name: archive.archiveUrl } as const;
  return finding(subject, async () => {
    const store = openStoreOf(archive, nodeDisk);
    for (const source of sources) await assertMounted(store, source);
    const bytes = Math.max(0, ...(await Promise.all(sources.map(roomOf))));
    const isS3 = isS3Url(store.url);
    const tried = isS3 ? Math.min(bytes, S3_BYTES_MAX) : bytes;
    await store.prepare(tried);
    if (!isS3) return [ok(subject, inDirectory(tried))];
    const staging = archive.archiveSettings?.s3.stagingDirectory;
    return [
      ok(subject, inS3(tried)),
      ...(await stagingFindings(subject, archive, sources)),
      ...(staging === undefined ? [] : await stagingRoom(subject, staging, bytes)),
    ];
  });
}

/** Warns if staged objects use the filesystem of a source, where archiving should free space. */
async function stagingFindings(
  subject: Subject,
  { archiveSettings }: ConfiguredSource,
  sources: readonly ConfiguredSource[],
): Promise<Finding[]> {
  const staging = archiveSettings?.s3.stagingDirectory;
  if (staging === undefined) return [];
  const device = await deviceOf(staging);
  const shared: string[] = [];
  for (const { name, directory } of sources) {
    if (device !== undefined && (await deviceOf(directory)) === device) shared.push(name);
  }
  if (shared.length === 0) return [];
  const hint =
    'Set archive.s3.staging to a directory on another filesystem. If it has no room, walq buffers objects in memory, which is slower.';
  const message = `the staging directory ${staging} is on the filesystem of source ${shared.join(', ')}`;
  return [warning(subject, message, hint)];
}

/** Objects are compressed into the staging directory before they are uploaded. */
async function stagingRoom(subject: Subject, staging: string, bytes: number): Promise<Finding[]> {
  const { freeBytes } = await nodeDisk.space(staging);
  if (freeBytes >= bytes) return [];
  const message = `the staging directory ${staging} has no room for a segment of ${showBytes(bytes)}: ${showBytes(freeBytes)} free`;
  const hint =
    'Free space on its filesystem, or set archive.s3.staging to a directory on another one.';
  return [warning(subject, message, hint)];
}

/** The device of the directory or, if it does not exist, of its nearest existing parent. */
async function deviceOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return found.dev;
  return dirname(path) === path ? undefined : deviceOf(dirname(path));
}

/**
 * `prepare` creates a missing directory, which is right only for new sources; and an empty mount point is writable.
 * So an archive that does not know a source, but did before, counts as not mounted.
 */
async function assertMounted(store: ArchiveStore, source: ConfiguredSource): Promise<void> {
  // checkSource reports a source that cannot be read.
  const id = await readIdentity(nodeDisk, source).catch(() => undefined);
  if (id === undefined || (await readOwnerOf(nodeDisk, source, store)) !== undefined) return;
  if (!(await isKnownArchive(nodeDisk, source, store.url))) return;
  throw new WalqError('store-unavailable', {
    message: `the archive ${store.url} has no record of source '${source.name}', which it had before`,
    hint: 'Check that the filesystem of the archive is mounted. If its content is lost, see docs/repair.md.',
  });
}

/** Used where no segment shows the size. */
const USUAL_BYTES = 16 * 2 ** 20;
const MEASURED_MAX = 64;

/** The size of the largest of the newest segments: what its object needs if it does not compress. */
async function roomOf(source: ConfiguredSource): Promise<number> {
  if (source.sealedRule.kind === 'ready') {
    const cluster = readCluster(nodeDisk, source.sealedRule.dataDirectory);
    return (await cluster.catch(() => undefined))?.segmentBytes ?? USUAL_BYTES;
  }
  const scan = { lowestMax: 0, highestMax: MEASURED_MAX };
  // checkSource reports a source that cannot be read.
  const highest = await scanSource(nodeDisk, source, scan).then(
    (found) => found.highest,
    () => [],
  );
  if (highest.length === 0) return USUAL_BYTES;
  const states = highest.map((segment) => stateAtSource(nodeDisk, source, segment));
  return Math.max(...(await Promise.all(states)).map((state) => Number(state?.size ?? 0)));
}
