/** The location of an archive in S3: its bucket and keys, by its URL, and the directory of its staged files. */
import type { ByteLimit } from '../../base/byte-limit.ts';
import type { Disk } from '../../base/disk/disk.ts';
import { WalqError } from '../../base/failure/walq-error.ts';
import { keyPath, assertShardName, assertSourceName, type ArchiveKey } from '../archive-key.ts';
import type { S3Connection } from './s3-connection.ts';
import type { S3Settings } from './settings.ts';
import type { StagedFiles } from './staged-files.ts';

/** A bucket, and the prefix of its keys: empty, or ending in a slash. */
export interface S3Location {
  readonly bucket: string;
  readonly prefix: string;
}

const S3_URL_EXPECTED = 's3://bucket or s3://bucket/prefix';

const form = /^s3:\/\/(?<bucket>[^/]*)(?<path>\/.*)?$/is;
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
/** Only the characters that S3 documents as safe in keys, so that every server and tool handles them. */
const prefixPart = /^[A-Za-z0-9!_.*'()-]+$/;
const PREFIX_BYTES_MAX = 512;

export const isS3Url = (url: string): boolean => /^s3:/i.test(url);

/** @throws WalqError `configuration-invalid` */
export function parseS3Url(url: string): S3Location {
  const { bucket = '', path = '' } = form.exec(url)?.groups ?? {};
  if (!bucketName.test(bucket)) throw invalid(`expected ${S3_URL_EXPECTED}`);
  const parts = path.split('/').slice(1);
  if (parts.at(-1) === '') parts.pop();
  if (!parts.every(isPart)) {
    throw invalid("the parts of a prefix must consist of letters, digits and !_.*'()-");
  }
  const prefix = parts.map((part) => `${part}/`).join('');
  if (prefix.length > PREFIX_BYTES_MAX) {
    throw invalid(`a prefix may have at most ${PREFIX_BYTES_MAX} bytes`);
  }
  return { bucket, prefix };
}

const isPart = (part: string): boolean => prefixPart.test(part) && part !== '.' && part !== '..';

/** The canonical form: without a slash at the end. */
export const showS3Location = ({ bucket, prefix }: S3Location): string =>
  `s3://${bucket}/${prefix}`.replace(/\/$/, '');

/** Without the URL: a mistyped one may contain a secret. */
const invalid = (why: string): WalqError =>
  new WalqError('configuration-invalid', {
    message: `unable to open an archive in S3: ${why}`,
    hint: 'Give the archive as s3://bucket or s3://bucket/prefix, without credentials. See docs/s3.md.',
  });

export interface S3Archive extends S3Location {
  readonly disk: Disk;
  readonly connection: S3Connection;
  readonly settings: S3Settings;
  readonly staged: StagedFiles;
  readonly limit: ByteLimit | undefined;
}

export function sourcePrefix({ prefix }: S3Location, source: string): string {
  assertSourceName(source);
  return `${prefix}${source}/`;
}

export function objectKey(archive: S3Location, key: ArchiveKey): string {
  assertSourceName(key.source);
  assertShardName(key.shard);
  return `${archive.prefix}${keyPath(key)}`;
}

/** For messages. */
export const show = ({ bucket }: S3Location, key: string): string => `s3://${bucket}/${key}`;
