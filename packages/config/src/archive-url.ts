import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  isWalqError,
  isS3Url,
  parseFileUrl,
  parseS3Url,
  showS3Location,
} from '@walq/wal-core/light';

export const ARCHIVE_URL_EXPECTED = 'a file:// URL, a path, or s3://bucket/prefix';

const scheme = /^(?<name>[a-z][a-z0-9+.-]+):/i;

/** The URL of an archive, `file://` or `s3://`; or why the text is invalid. */
export type ArchiveUrl =
  | { readonly url: string; readonly fault?: never }
  | { readonly url?: never; readonly fault: string };

/** Resolves a relative path against `baseDirectory`. */
export function readArchiveUrl(text: string, baseDirectory: string): ArchiveUrl {
  if (text === '') return { fault: 'is empty' };
  if (isS3Url(text)) return s3UrlOf(text);
  const name = scheme.exec(text)?.groups?.['name']?.toLowerCase();
  if (name === 'file') return fileUrlOf(text);
  if (name !== undefined) return { fault: `walq does not support archives at '${name}:'` };
  if (/^~(?:\/|$)/.test(text))
    return { fault: "walq does not expand '~': write the absolute path" };
  if (text.includes('\0')) return { fault: 'contains a NUL character' };
  return { url: pathToFileURL(resolve(baseDirectory, text)).href };
}

/** As `readArchiveUrl`, without the reason. */
export const parseArchiveUrl = (text: string, baseDirectory: string): string | undefined =>
  readArchiveUrl(text, baseDirectory).url;

function fileUrlOf(text: string): ArchiveUrl {
  const { path, fault } = parseFileUrl(text);
  return fault === undefined ? { url: pathToFileURL(path).href } : { fault };
}

function s3UrlOf(text: string): ArchiveUrl {
  try {
    return { url: showS3Location(parseS3Url(text)) };
  } catch (error) {
    if (isWalqError(error)) return { fault: error.message.replace(/^.*?in S3: /, '') };
    throw error;
  }
}
