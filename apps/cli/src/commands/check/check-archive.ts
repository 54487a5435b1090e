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
  `can be listed and written, and replaces nothing; took an object of ${showBytes(bytes)}`;
/** As much is tried at the most: it is paid for. */
const S3_BYTES_MAX = 64 * 2 ** 20;

/** Whether walq can keep its promises in the archive that these sources share. Writes there, as a worker does. */
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

/** Objects staged beside a source take the room that archiving is to make there. */
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
    'Name a directory on another filesystem: archive.s3.staging. Without room there objects go through memory, which is slower.';
  const message = `the staging directory ${staging} is on the filesystem of source ${shared.join(', ')}`;
  return [warning(subject, message, hint)];
}

/** An object is compressed into the staging directory before it is sent. */
async function stagingRoom(subject: Subject, staging: string, bytes: number): Promise<Finding[]> {
  const { freeBytes } = await nodeDisk.space(staging);
  if (freeBytes >= bytes) return [];
  const message = `the staging directory ${staging} has no room for a segment of ${showBytes(bytes)}: ${showBytes(freeBytes)} free`;
  const hint =
    'Make room on its filesystem, or name a directory on another one: archive.s3.staging.';
  return [warning(subject, message, hint)];
}

/** Of the directory, or of the nearest above it that is there. */
async function deviceOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return found.dev;
  return dirname(path) === path ? undefined : deviceOf(dirname(path));
}

/**
 * Preparing makes a directory that is missing, which is right for new sources alone; and a mount point without its
 * filesystem can be written as well.
 */
async function assertMounted(store: ArchiveStore, source: ConfiguredSource): Promise<void> {
  // A source that cannot be read has a finding of its own.
  const id = await readIdentity(nodeDisk, source).catch(() => undefined);
  if (id === undefined || (await readOwnerOf(nodeDisk, source, store)) !== undefined) return;
  if (!(await isKnownArchive(nodeDisk, source, store.url))) return;
  throw new WalqError('store-unavailable', {
    message: `the archive ${store.url} does not know source '${source.name}', and did before`,
    hint: 'Mount it. If its content is lost, see docs/repair.md.',
  });
}

/** Where nothing tells how long a segment is. */
const USUAL_BYTES = 16 * 2 ** 20;
const MEASURED_MAX = 64;

/** How much room the largest of the newest segments takes in the archive, at the worst: not compressed. */
async function roomOf(source: ConfiguredSource): Promise<number> {
  if (source.sealedRule.kind === 'ready') {
    const cluster = readCluster(nodeDisk, source.sealedRule.dataDirectory);
    return (await cluster.catch(() => undefined))?.segmentBytes ?? USUAL_BYTES;
  }
  const scan = { lowestMax: 0, highestMax: MEASURED_MAX };
  // A source that cannot be read has a finding of its own.
  const highest = await scanSource(nodeDisk, source, scan).then(
    (found) => found.highest,
    () => [],
  );
  if (highest.length === 0) return USUAL_BYTES;
  const states = highest.map((segment) => stateAtSource(nodeDisk, source, segment));
  return Math.max(...(await Promise.all(states)).map((state) => Number(state?.size ?? 0)));
}
