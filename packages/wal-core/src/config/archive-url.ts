import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isWalqError } from '../failure/index.ts';
import { isS3Url, parseS3Url, showS3Place } from '../store/index.ts';

export const ARCHIVE_URL_EXPECTED = 'a file:// URL, a path, or s3://bucket/prefix';

const scheme = /^[a-z][a-z0-9+.-]+:/i;

/**
 * The place of an archive as a URL, `file://` or `s3://`; a path is taken from `baseDirectory`. Undefined
 * for what is neither a path nor such a URL.
 */
export function parseArchiveUrl(text: string, baseDirectory: string): string | undefined {
  if (text === '') return undefined;
  if (isS3Url(text)) return s3UrlOf(text);
  const path = scheme.test(text) ? localPathOf(text) : resolve(baseDirectory, text);
  return path === undefined ? undefined : pathToFileURL(path).href;
}

function s3UrlOf(text: string): string | undefined {
  try {
    return showS3Place(parseS3Url(text));
  } catch (error) {
    if (isWalqError(error)) return undefined;
    throw error;
  }
}

function localPathOf(url: string): string | undefined {
  if (!/^file:\/\/\//i.test(url)) return undefined;
  try {
    return resolve(fileURLToPath(url));
  } catch {
    return undefined;
  }
}
