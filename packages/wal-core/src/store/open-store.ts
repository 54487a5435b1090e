import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Disk } from '../disk/index.ts';
import { reasonOf, WalqError } from '../failure/index.ts';
import { openDirectoryStore } from './directory-store.ts';
import type { ArchiveStore } from './store.ts';

export interface OpenStoreOptions {
  readonly disk: Disk;
  /** What a path that is not absolute starts from; default the process's working directory. */
  readonly workingDirectory?: string;
}

const schemePattern = /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]+):/;

/**
 * The store of an archive's URL: `file:///srv/wal-archive`, or a plain path. Touches nothing yet;
 * throws `configuration-invalid` for what it does not understand.
 */
export function openStore(url: string, options: OpenStoreOptions): ArchiveStore {
  return openDirectoryStore(directoryOf(url, options), options.disk);
}

function directoryOf(url: string, options: OpenStoreOptions): string {
  if (url === '' || url.includes('\0')) throw invalid(url, 'it is not a place');
  const scheme = schemePattern.exec(url)?.groups?.['scheme']?.toLowerCase();
  if (scheme === undefined) return resolve(options.workingDirectory ?? process.cwd(), url);
  if (scheme !== 'file') throw invalid(url, `this walq has no store for '${scheme}:'`);
  return directoryOfFileUrl(url);
}

function directoryOfFileUrl(url: string): string {
  if (!/^file:\/\/[^/]*\//i.test(url)) throw invalid(url, 'the path must be absolute');
  if (/[?#]/.test(url)) throw invalid(url, "write '?' as %3F and '#' as %23");
  if (/%00/.test(url)) throw invalid(url, 'it is not a place');
  try {
    return resolve(fileURLToPath(url));
  } catch (error) {
    throw invalid(url, reasonOf(error), error);
  }
}

/** Never the URL itself where it may hold a secret: what stands before an `@` is left out. */
const withoutSecrets = (url: string): string => url.replace(/\/\/[^/@]*@/, '//…@');

const invalid = (url: string, why: string, cause?: unknown): WalqError =>
  new WalqError('configuration-invalid', {
    message: `unable to open the archive '${withoutSecrets(url)}': ${why}`,
    hint: 'An archive is file:///absolute/path, or a plain path to a directory.',
    cause,
  });
