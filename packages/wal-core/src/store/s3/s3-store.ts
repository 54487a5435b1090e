/** An archive in a bucket of an S3-compatible server: one object for each segment, put under a condition. */
import { join } from 'node:path';
import type { ByteLimit } from '../../base/byte-limit.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { shortHash } from '../../base/hash.ts';
import { dictionaryStore, recordStore } from '../small-files.ts';
import type { ArchiveStore } from '../store.ts';
import { S3Link } from './link.ts';
import { list, listSources } from './list.ts';
import { parseS3Url, showS3Place, type Bucket, type S3Place } from './place.ts';
import { probe, probeSegment } from './probe.ts';
import { publish } from './publish.ts';
import { fetch, readTail, settle, stat } from './read.ts';
import { remove, moveAside } from './remove.ts';
import type { S3Settings } from './settings.ts';
import { s3Files } from './small-files.ts';
import { StagedFiles } from './staged-files.ts';

export interface S3StoreOptions {
  readonly disk: Disk;
  readonly settings: S3Settings;
  readonly limit?: ByteLimit | undefined;
}

/** A process opens one store for a bucket and prefix, and shares it: it shares its connections. */
export function openS3Store(
  url: string,
  options: S3StoreOptions,
): ArchiveStore & { close(): Promise<void> } {
  const place = bucketOf(parseS3Url(url), options);
  const { staged, link } = place;
  const files = s3Files(place);
  return {
    url: showS3Place(place),
    stage: (key) => staged.stage(key),
    publish: (staging) => publish(place, staging),
    discard: (staging) => staged.remove(staging.path),
    settle: (key) => settle(place, key),
    stat: async (key) => stat(place, key),
    fetch: async (key) => fetch(place, key),
    readTail: async (key, bytesMax) => readTail(place, key, bytesMax),
    remove: async (key) => remove(place, key),
    moveAside: async (key) => moveAside(place, key),
    list: (source, includesShard) => list(place, source, includesShard),
    listSources: () => listSources(place),
    records: recordStore(files),
    dictionaries: dictionaryStore(files),
    copies: {
      keep: (staging, mark) => staged.keep(staging, mark),
      take: (key, mark) => staged.take(key, mark),
      stageInMemory: (key, bytesMax) => staged.stageInMemory(key, bytesMax),
    },
    space: async () => null,
    sweep: (source) => staged.sweep(source),
    prepare: async (bytes) => {
      await probe(place);
      if (bytes !== undefined) await probeSegment(place, bytes);
    },
    probe: () => probe(place),
    close: () => link.close(),
  };
}

function bucketOf(at: S3Place, { disk, settings, limit }: S3StoreOptions): Bucket {
  const root = join(stagingOf(settings), stagingNameOf(at, settings));
  const staged = new StagedFiles({ disk, root, bytesMax: settings.stagingBytesMax });
  return { ...at, disk, settings, limit, staged, link: new S3Link(settings) };
}

function stagingOf({ stagingDirectory }: S3Settings): string {
  if (stagingDirectory !== undefined) return stagingDirectory;
  throw new WalqError('configuration-invalid', {
    message: `there is no directory to stage objects in: user ${process.getuid?.() ?? 'unknown'} has no home directory`,
    hint: 'Set [archive.s3] staging, or HOME or STATE_DIRECTORY, to the absolute path of a directory that this user may write.',
  });
}

/** One directory for each archive: what was staged for another is never uploaded here. */
function stagingNameOf(at: S3Place, { endpoint = '' }: S3Settings): string {
  return `${at.bucket}-${shortHash(`${endpoint}\n${showS3Place(at)}`, 16)}`;
}
