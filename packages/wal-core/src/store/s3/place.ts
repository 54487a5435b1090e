/** Where an S3 store's things are: its bucket and keys, and the directory of its staged files. */
import type { Disk } from '../../base/disk/disk.ts';
import { keyPath, RECORDS_FOLDER, type ArchiveKey } from '../archive-key.ts';
import { refuseShardName, refuseSourceName } from '../archive-names.ts';
import type { ByteLimit } from '../../base/byte-limit.ts';
import type { S3Link } from './link.ts';
import type { S3Place } from './s3-url.ts';
import type { S3Settings } from './settings.ts';
import type { StagedFiles } from './staged-files.ts';

export interface Bucket extends S3Place {
  readonly disk: Disk;
  readonly link: S3Link;
  readonly settings: S3Settings;
  readonly staged: StagedFiles;
  readonly limit: ByteLimit | undefined;
}

export function sourcePrefix({ prefix }: S3Place, source: string): string {
  refuseSourceName(source);
  return `${prefix}${source}/`;
}

export function objectKey(place: S3Place, key: ArchiveKey): string {
  refuseSourceName(key.source);
  refuseShardName(key.shard);
  return `${place.prefix}${keyPath(key)}`;
}

export const recordsPrefix = (place: S3Place, source: string): string =>
  `${sourcePrefix(place, source)}${RECORDS_FOLDER}/`;

/** For messages. */
export const show = ({ bucket }: S3Place, key: string): string => `s3://${bucket}/${key}`;
