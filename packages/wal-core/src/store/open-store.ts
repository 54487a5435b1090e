import { resolve } from 'node:path';
import type { Disk } from '../base/disk/disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { newByteLimit, type ByteLimit } from '../base/byte-limit.ts';
import { openDirectoryStore } from './directory/directory-store.ts';
import { parseFileUrl } from './file-url.ts';
import { limitWrites } from './limit-writes.ts';
import { openS3Store } from './s3/s3-store.ts';
import { isS3Url } from './s3/s3-url.ts';
import type { ArchiveSettings } from './s3/settings.ts';
import type { ArchiveStore } from './store.ts';

export interface OpenStoreOptions {
  readonly disk: Disk;
  /** What a path that is not absolute starts from; default the process's working directory. */
  readonly workingDirectory?: string;
  /** What the configuration says of archives; without it there is no archive in S3. */
  readonly settings?: ArchiveSettings | undefined;
  /** Shared with other stores; default one of its own, as the settings have it. */
  readonly limit?: ByteLimit | undefined;
}

const schemePattern = /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]+):/;

/**
 * The store of an archive's URL: `file:///srv/wal-archive`, a plain path, or `s3://bucket/prefix`. Touches
 * nothing yet; throws `configuration-invalid` for what it does not understand.
 */
export function openStore(url: string, options: OpenStoreOptions): ArchiveStore {
  const { disk, settings, limit = limitOf(settings) } = options;
  if (isS3Url(url)) {
    if (settings === undefined) throw invalid(url, 'nothing says how to reach its server');
    return openS3Store(url, { disk, settings: settings.s3, limit });
  }
  const store = openDirectoryStore(directoryOf(url, options), disk);
  return limit === undefined ? store : limitWrites(store, limit);
}

/** One for all who are to share it. */
export const limitOf = (settings: ArchiveSettings | undefined): ByteLimit | undefined =>
  settings?.maxBytesPerSecond === undefined ? undefined : newByteLimit(settings.maxBytesPerSecond);

function directoryOf(url: string, options: OpenStoreOptions): string {
  if (url === '' || url.includes('\0')) throw invalid(url, 'it is not a place');
  const scheme = schemePattern.exec(url)?.groups?.['scheme']?.toLowerCase();
  if (scheme === undefined) return resolve(options.workingDirectory ?? process.cwd(), url);
  if (scheme !== 'file') throw invalid(url, `this walq has no store for '${scheme}:'`);
  const { path, fault } = parseFileUrl(url);
  if (fault !== undefined) throw invalid(url, fault);
  return path;
}

/** Never the URL itself where it may hold a secret: what stands before an `@` is left out. */
const withoutSecrets = (url: string): string => url.replace(/\/\/[^/@]*@/, '//…@');

const invalid = (url: string, why: string): WalqError =>
  new WalqError('configuration-invalid', {
    message: `unable to open the archive '${withoutSecrets(url)}': ${why}`,
    hint: 'An archive is file:///absolute/path, a plain path to a directory, or s3://bucket/prefix.',
  });
