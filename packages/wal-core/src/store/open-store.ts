/** Opens the store of an archive's URL, and the store of each source. */
import { resolve } from 'node:path';
import { newByteLimit, type ByteLimit } from '../base/byte-limit.ts';
import type { Disk } from '../base/disk/disk.ts';
import { nodeDisk } from '../base/disk/node-disk.ts';
import { WalqError } from '../base/failure/walq-error.ts';
import { openDirectoryStore } from './directory/directory-store.ts';
import { shareDirectory } from './directory/shared-directory.ts';
import { isS3Url } from './s3/s3-archive.ts';
import { openS3Store } from './s3/s3-store.ts';
import type { ArchiveSettings } from './s3/settings.ts';
import type { ArchiveStore } from './store.ts';

export interface OpenStoreOptions {
  /** @default the machine's filesystem */
  readonly disk?: Disk;
  /** Base of a relative path. @default the working directory of the process */
  readonly workingDirectory?: string;
  /** The configured settings of archives; required for S3. */
  readonly settings?: ArchiveSettings | undefined;
}

const schemePattern = /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]+):/;

/**
 * Opens the store of an archive's URL: `file:///srv/wal-archive`, a plain path, or `s3://bucket/prefix`. Does no I/O
 * yet.
 *
 * @throws WalqError `configuration-invalid` for a URL that it does not understand
 */
export const openStore = (url: string, options: OpenStoreOptions = {}): ArchiveStore =>
  openWith(limitOf(options.settings), url, options);

function openWith(
  limit: ByteLimit | undefined,
  url: string,
  options: OpenStoreOptions,
): ArchiveStore {
  const { disk = nodeDisk, settings } = options;
  if (isS3Url(url)) {
    if (settings === undefined) throw invalid(url, 'settings for S3 are missing');
    return openS3Store(url, { disk, settings: settings.s3, limit });
  }
  return openDirectoryStore(shareDirectory(directoryOf(url, options), limit), disk);
}

/** One limit for all stores that share it. */
const limitOf = (settings: ArchiveSettings | undefined): ByteLimit | undefined =>
  settings?.maxBytesPerSecond === undefined ? undefined : newByteLimit(settings.maxBytesPerSecond);

function directoryOf(url: string, options: OpenStoreOptions): string {
  if (url === '' || url.includes('\0')) throw invalid(url, 'it is neither a URL nor a path');
  const scheme = schemePattern.exec(url)?.groups?.['scheme']?.toLowerCase();
  if (scheme === undefined) return resolve(options.workingDirectory ?? process.cwd(), url);
  if (scheme !== 'file') throw invalid(url, `walq does not support the scheme '${scheme}:'`);
  const { path, fault } = parseFileUrl(url);
  if (fault !== undefined) throw invalid(url, fault);
  return path;
}

/** A URL for messages, without user and password before an `@`. */
const withoutSecrets = (url: string): string => url.replace(/\/\/[^/@]*@/, '//…@');

const invalid = (url: string, why: string): WalqError =>
  new WalqError('configuration-invalid', {
    message: `unable to open the archive '${withoutSecrets(url)}': ${why}`,
    hint: 'Give the archive as file:///absolute/path, a path to a directory, or s3://bucket/prefix.',
  });

/** The archive of a source, and the settings to reach it. */
export interface ArchiveAddress {
  readonly archiveUrl: string;
  /** The same for all sources of a process. */
  readonly archiveSettings?: ArchiveSettings;
}

/** The store of one source. */
export const openStoreOf = (
  { archiveUrl, archiveSettings: settings }: ArchiveAddress,
  disk: Disk,
): ArchiveStore => openStore(archiveUrl, { disk, settings });

/** Opens the store of each source; sources with one archive share one store. */
export function openStores(
  sources: readonly (ArchiveAddress & { readonly name: string })[],
  disk: Disk,
): (source: { readonly name: string }) => ArchiveStore {
  const settings = sources.find((one) => one.archiveSettings !== undefined)?.archiveSettings;
  const limit = limitOf(settings);
  const byUrl = new Map<string, ArchiveStore>();
  const byName = new Map<string, ArchiveStore>();
  for (const { name, archiveUrl } of sources) {
    const store = byUrl.get(archiveUrl) ?? openWith(limit, archiveUrl, { disk, settings });
    byUrl.set(archiveUrl, store);
    byName.set(name, store);
  }
  return ({ name }) => {
    const store = byName.get(name);
    if (store === undefined) throw new TypeError(`no source '${name}' is configured`);
    return store;
  };
}

type FileUrl =
  | { readonly path: string; readonly fault?: never }
  | { readonly path?: never; readonly fault: string };

/** Characters with another meaning in a URL, or that a URL parser drops. */
const misread: Readonly<Record<string, string>> = {
  '#': '%23',
  '?': '%3F',
  '\\': '%5C',
  '\t': '%09',
  '\n': '%0A',
  '\r': '%0D',
};

/** The absolute path of a `file:` URL, or what is wrong with it and the correct form. */
export function parseFileUrl(url: string): FileUrl {
  const { host, path } = /^file:\/\/(?<host>[^/]*)(?<path>\/.*)$/is.exec(url)?.groups ?? {};
  if (host === undefined || path === undefined) {
    return { fault: 'expected file:/// and an absolute path' };
  }
  if (!['', 'localhost'].includes(host.toLowerCase())) {
    return { fault: 'names a host or a user; expected file:/// with three slashes' };
  }
  for (const [character, escape] of Object.entries(misread)) {
    if (path.includes(character)) return { fault: `write ${shown(character)} as ${escape}` };
  }
  if (path.trimEnd() !== path) return { fault: 'ends in a space; write a space as %20' };
  return decode(path);
}

const shown = (character: string): string =>
  character < ' ' ? JSON.stringify(character) : `'${character}'`;

function decode(path: string): FileUrl {
  if (/%2f/i.test(path)) return { fault: "contains '/' as %2F, which a file name cannot have" };
  if (/%00/.test(path) || path.includes('\0')) return { fault: 'contains a NUL character' };
  try {
    return { path: resolve(decodeURIComponent(path)) };
  } catch {
    return {
      fault: "contains a '%' that does not begin an escaped UTF-8 character; write '%' as %25",
    };
  }
}
