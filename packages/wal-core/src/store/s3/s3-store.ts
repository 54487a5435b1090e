/** An archive in a bucket of an S3-compatible server: one object for each segment, written with a condition. */
import { join } from 'node:path';
import type { ByteLimit } from '../../base/byte-limit.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { shortHash } from '../../base/hash.ts';
import { dictionaryStore, recordStore } from '../small-files.ts';
import type { ArchiveStore } from '../store.ts';
import { S3Connection } from './s3-connection.ts';
import { list, listSources } from './list.ts';
import { parseS3Url, showS3Location, type S3Archive, type S3Location } from './s3-archive.ts';
import { probe, probeSegment } from './probe.ts';
import { publish } from './publish.ts';
import { fetch, readTail, assertPresent, stat } from './read.ts';
import { remove, moveAside } from './remove.ts';
import type { S3Settings } from './settings.ts';
import { s3Files } from './small-files.ts';
import { StagedFiles } from './staged-files.ts';

export interface S3StoreOptions {
  readonly disk: Disk;
  readonly settings: S3Settings;
  readonly limit?: ByteLimit | undefined;
}

/** A process opens one store for a bucket and prefix, and shares it and its connections. */
export function openS3Store(
  url: string,
  options: S3StoreOptions,
): ArchiveStore & { close(): Promise<void> } {
  const archive = bucketOf(parseS3Url(url), options);
  const { staged, connection } = archive;
  const files = s3Files(archive);
  return {
    url: showS3Location(archive),
    stage: (key) => staged.stage(key),
    publish: (stagings) => publish(archive, stagings),
    discard: (staging) => staged.remove(staging.path),
    makeDurable: (key) => assertPresent(archive, key),
    stat: async (key) => stat(archive, key),
    fetch: async (key) => fetch(archive, key),
    readTail: async (key, bytesMax) => readTail(archive, key, bytesMax),
    remove: async (key) => remove(archive, key),
    moveAside: async (key) => moveAside(archive, key),
    list: (source, includesShard) => list(archive, source, includesShard),
    listSources: () => listSources(archive),
    records: recordStore(files),
    dictionaries: dictionaryStore(files),
    uploads: {
      saveForRetry: (staging, mark) => staged.saveForRetry(staging, mark),
      resume: (key, mark) => staged.resume(key, mark),
      stageInMemory: (key, bytesMax) => staged.stageInMemory(key, bytesMax),
    },
    space: async () => null,
    sweep: (source) => staged.sweep(source),
    prepare: async (bytes) => {
      await probe(archive);
      if (bytes !== undefined) await probeSegment(archive, bytes);
    },
    probe: () => probe(archive),
    close: () => connection.close(),
  };
}

function bucketOf(at: S3Location, { disk, settings, limit }: S3StoreOptions): S3Archive {
  const root = join(stagingOf(settings), stagingNameOf(at, settings));
  const staged = new StagedFiles({ disk, root, bytesMax: settings.stagingBytesMax });
  return { ...at, disk, settings, limit, staged, connection: new S3Connection(settings) };
}

function stagingOf({ stagingDirectory }: S3Settings): string {
  if (stagingDirectory !== undefined) return stagingDirectory;
  throw new WalqError('configuration-invalid', {
    message: `unable to stage objects: user ${process.getuid?.() ?? 'unknown'} has no home directory`,
    hint: 'Set [archive.s3] staging, or HOME or STATE_DIRECTORY, to the absolute path of a directory that this user may write.',
  });
}

/** One directory for each archive, so that files staged for another are never uploaded here. */
function stagingNameOf(at: S3Location, { endpoint = '' }: S3Settings): string {
  return `${at.bucket}-${shortHash(`${endpoint}\n${showS3Location(at)}`, 16)}`;
}
